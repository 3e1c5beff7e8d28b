"""Right and wrong variants of the solution of each cell to complete in the notebooks.

RIGHT holds whole bodies in other styles. WRONG holds edits of the solution: a text that occurs in
it once, and what a student might write instead.
"""

__all__ = ["RIGHT", "WRONG"]

RIGHT = {
    "01_minibatch_sgd/one-step": [
        """
        images, labels = sample_minibatch(x, y, batch_size, rng)
        p, memory = affine_forward(images, w, b)
        loss, dp = softmax_loss(p, labels)
        grads = affine_backward(dp, memory)
        print("loss", loss, end="")
        w = w - learning_rate * grads[1]
        b = b - learning_rate * grads[2]
        """,
        """
        chosen = rng.choice(len(x), size=batch_size, replace=False)
        z = x[chosen] @ w + b
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(batch_size), y[chosen]]).mean()
        p[np.arange(batch_size), y[chosen]] -= 1
        w = w - learning_rate * (x[chosen].T @ p) / batch_size
        b = b - learning_rate * p.sum(axis=0) / batch_size
        """,
    ],
    "01_minibatch_sgd/noise-code": [
        """
        total = 0.0
        for _ in range(repeats):
            x_batch, y_batch = sample_minibatch(x_train, y_train, batch_size, rng)
            total += np.linalg.norm(dw_of(x_batch, y_batch) - full) ** 2
        noise = (total / repeats) ** 0.5
        """,
    ],
    "02_activations/quotients-code": [
        """
        before, here, after = f(x - h), f(x), f(x + h)
        left, right = (here - before) / h, (after - here) / h
        central = (left + right) / 2
        """,
    ],
    "02_activations/batch-signs-code": [
        """
        num_one_sign = 0
        for column in dw.T:
            if column.min() >= 0 or column.max() <= 0:
                num_one_sign += 1
        share = num_one_sign / dw.shape[1]
        """,
        """
        mixed = (dw > 0).any(axis=0) & (dw < 0).any(axis=0)
        share = 1 - mixed.mean()
        """,
    ],
    "02_activations/leaky-as-maxout-code": [
        """
        pieces = np.array([slope * w, w]), np.array([slope * b, b])
        """,
        """
        K = np.array([1.0, slope])
        pieces = [K[:, None, None] * w, K[:, None] * b]
        """,
    ],
    "03_preprocessing/splits-code": [
        """
        pairs = []
        for k in range(K + 1):
            train = x[folds != k]  # all of x for k = K
            held_out = x[folds == k] if k < K else x_test
            mean, std = train.mean(axis=0), train.std(axis=0)
            pairs.append([(train - mean) / std, (held_out - mean) / std])
        """,
        """
        pairs = []
        for k in range(K):
            mean, std = fit_standardize(np.delete(x, np.flatnonzero(folds == k), axis=0))
            out = standardize(x, mean, std)
            pairs += [(out[folds != k], out[folds == k])]
        mean, std = fit_standardize(x)
        pairs.append((standardize(x, mean, std), standardize(x_test, mean, std)))
        """,
    ],
    "03_preprocessing/plan-descent": [
        """
        h = np.linalg.svd(x, compute_uv=False) ** 2 / x.shape[0]
        condition, best_rate = h.max() / h.min(), 2 / (h.max() + h.min())
        """,
        """
        values = np.linalg.eigvals(x.T.dot(x) / len(x))
        low, high = min(values), max(values)
        condition = high / low
        best_rate = 2.0 / (low + high)
        """,
    ],
    "03_preprocessing/rebuild-code": [
        """
        rebuilt = np.tile(mean, (len(x), 1))
        for k in range(K):
            direction = components[:, k]
            rebuilt += np.outer((x - mean) @ direction, direction)
        """,
    ],
    "04_initialization/normal-mean-code": [
        """
        mean = 0.0
        for z, probability in zip(GRID.reshape(500, -1), PROBABILITIES.reshape(500, -1)):
            mean += float(np.sum(f(variance**0.5 * z) * probability))
        """,
        """
        mean = np.average(f(GRID * np.sqrt(variance)), weights=PROBABILITIES)
        """,
    ],
    "04_initialization/uniform-code": [
        """
        a = (6.0 / fan_in / (1 + alpha * alpha)) ** 0.5
        """,
        """
        gain = np.sqrt(2 / (1 + alpha**2))
        a = gain * np.sqrt(3) / np.sqrt(fan_in)
        """,
    ],
    "04_initialization/update-code": [
        """
        found = np.zeros(len(params) // 2)
        for k in range(len(found)):
            w, step = params[f"W{k + 1}"], learning_rate * grads[f"W{k + 1}"]
            found[k] = (step * step).sum() ** 0.5 / (w * w).sum() ** 0.5
        """,
    ],
    "05_batchnorm/identity-code": [
        """
        beta_identity = x.sum(axis=0) / x.shape[0]
        centered = x - beta_identity
        gamma_identity = ((centered**2).sum(axis=0) / x.shape[0] + eps) ** 0.5
        """,
    ],
    "05_batchnorm/early-code": [
        """
        factor = (1.0 - np.power(momentum, k)) ** -0.5
        """,
    ],
    "05_batchnorm/rung-1": [
        """
        dxhat = np.einsum("nd,d->nd", dout, gamma)
        dgamma = (xhat * dout).sum(0)
        dbeta = dout.sum(0)
        """,
        """
        N, D = dout.shape
        dxhat, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
        for n in range(N):
            for d in range(D):
                dxhat[n, d] = gamma[d] * dout[n, d]
                dgamma[d] += xhat[n, d] * dout[n, d]
                dbeta[d] += dout[n, d]
        """,
    ],
    "05_batchnorm/rung-2": [
        """
        ds = istd[None, :] * dxhat
        distd = np.einsum("nd,nd->d", s, dxhat)
        """,
    ],
    "05_batchnorm/rung-3": [
        """
        std = 1 / istd
        dvar = -distd / (2 * std**3)
        """,
    ],
    "05_batchnorm/rung-4": [
        """
        N = s.shape[0]
        dv = np.ones((N, 1)) @ dvar[None, :] / N * 2 * s
        """,
    ],
    "05_batchnorm/rung-5": [
        """
        dx_direct = dv + ds
        dmean = -ds.sum(axis=0) - dv.sum(axis=0)
        """,
        """
        both = np.array([ds, dv])
        dx_direct = both.sum(axis=0)
        dmean = -np.einsum("knd->d", both)
        """,
    ],
    "05_batchnorm/rung-6": [
        """
        N = len(dx_direct)
        dx_mean = np.tile(dmean / N, (N, 1))
        dx = dx_mean + dx_direct
        """,
        """
        N, D = dx_direct.shape
        dx = np.empty((N, D))
        for n in range(N):
            for d in range(D):
                dx[n, d] = dmean[d] / N + dx_direct[n, d]
        """,
        """
        N = dx_direct.shape[0]
        dx = dx_direct + np.ones((N, 1)) / N * dmean[None, :]
        """,
    ],
    "05_batchnorm/repair": [
        """
        dx_repaired = ds - ds.mean(axis=0) + dv - dv.mean(axis=0)
        """,
    ],
    "06_layernorm/rung-1": [
        """
        rows = (-1, *gamma.shape)
        dxhat = gamma[np.newaxis] * dout
        dgamma = (xhat * dout).reshape(rows).sum(axis=0)
        dbeta = dout.reshape(rows).sum(axis=0)
        """,
        """
        dxhat, dgamma, dbeta = gamma * dout, dout * xhat, dout
        while dgamma.ndim > gamma.ndim:
            dgamma, dbeta = dgamma.sum(axis=0), dbeta.sum(axis=0)
        """,
        """
        letters = "abcdefg"[: dout.ndim]
        last = letters[dout.ndim - gamma.ndim :]
        dxhat = dout * gamma
        dgamma = np.einsum(f"{letters},{letters}->{last}", dout, xhat)
        dbeta = np.einsum(f"{letters}->{last}", dout)
        """,
    ],
    "06_layernorm/rung-2": [
        """
        ds = istd * dxhat
        distd = (s * dxhat).sum(axis=axis).reshape(istd.shape)
        """,
    ],
    "06_layernorm/rungs-5-6": [
        """
        dmean = -np.sum(total, axis=axis, keepdims=True)
        dx_total = total + dmean / total.shape[axis]
        """,
    ],
    "06_layernorm/notes-formula": [
        """
        dx_notes = (ds + dv) @ (np.eye(D) - np.ones((D, D)) / D)
        """,
    ],
    "06_layernorm/per-image": [
        """
        standardized = np.array([(row - np.mean(row)) / np.std(row) for row in x])
        """,
        """
        centered = x - x.mean(axis=1)[:, None]
        standardized = centered / (np.sqrt((centered**2).mean(axis=1))[:, None] + 1e-8)
        """,
    ],
    "07_babysitting/excess-code": [
        """
        N, C = scores.shape
        centered = scores - scores.mean(axis=1, keepdims=True)
        predicted = np.log(C) + (centered**2).sum() / (2 * N * C)
        """,
    ],
    "07_babysitting/window-code": [
        """
        limit = factor * min(final_losses)
        best = list(final_losses).index(min(final_losses))
        low = high = best
        while low - 1 >= 0 and final_losses[low - 1] <= limit:
            low = low - 1
        while high + 1 < len(final_losses) and final_losses[high + 1] <= limit:
            high = high + 1
        """,
        """
        best = final_losses.argmin()
        bad = np.flatnonzero(~(final_losses / final_losses[best] <= factor))
        low = max(bad[bad < best], default=-1) + 1
        high = min(bad[bad > best], default=len(rates)) - 1
        """,
    ],
    "07_babysitting/diagnose-code": [
        """
        chance = 1 / patient.num_classes
        right_start = np.log(patient.num_classes)
        if abs(patient.input_mean) > 0.1:
            fault = "not-centred"
        elif patient.first_data_loss > 10 * right_start:
            fault = "wrong-scale"
        elif patient.first_loss - patient.first_data_loss > 5:
            fault = "regularisation-in-the-way"
        elif patient.dead_share > 0.9:
            fault = "dead-units"
        elif patient.update_ratio > 0.2 or not patient.losses[-1] < 1e6:
            fault = "learning-rate-too-high"
        elif patient.update_ratio < 1e-4:
            fault = "learning-rate-too-low"
        elif patient.val_accuracy < 3 * chance and patient.train_accuracy < 4 * chance:
            fault = "shuffled-labels"
        else:
            fault = "healthy"
        """,
    ],
    "08_hyperparameters/duel-code": [
        """
        squares = np.square(x - x_best) + np.square(weight * (y - y_best))
        distance = np.min(squares, axis=1) ** 0.5
        """,
        """
        distance = np.min(np.hypot(x_best - x, weight * (y_best - y)), axis=-1)
        """,
    ],
    "08_hyperparameters/refine-code": [
        """
        values = np.array([configuration[name] for _, configuration in trials])
        scores = np.array([score for score, _ in trials])
        good = values[best_score - scores <= margin]
        low, high = good.min() * 0.1, 10.0 * good.max()
        if (values < good.min()).any():
            low = values[values < good.min()].max()
        if (values > good.max()).any():
            high = values[values > good.max()].min()
        """,
    ],
    "08_hyperparameters/curse-code": [
        """
        best = np.argmax(validation, axis=1)[:, None]
        first = np.take_along_axis(validation, best, axis=1)[:, 0]
        winners = first, np.take_along_axis(test, best, axis=1)[:, 0]
        """,
        """
        index = [list(row).index(max(row)) for row in validation]
        winners = validation.max(axis=1), np.array([test[i, j] for i, j in enumerate(index)])
        """,
    ],
}

WRONG = {
    "01_minibatch_sgd/one-step": [
        (
            "loss, dscores = softmax_loss(scores, y_batch)",
            "loss, dscores = softmax_loss(-scores, y_batch)",
        ),
        ("sample_minibatch(x, y, batch_size, rng)", "x, y"),
        ("softmax_loss(scores, y_batch)", "softmax_loss(scores, y[:batch_size])"),
        ('{"learning_rate": learning_rate}', "{}"),
        ('{"learning_rate": learning_rate}', '{"learning_rate": 0.05}'),
        ("sgd(b, db, config)[0]", "b"),
        ("w, b = sgd(w, dw, config)[0]", "w -= learning_rate * dw\nw, b = w"),
        ("w, b = sgd", "loss = softmax_loss(affine_forward(x, w, b)[0], y)[0]\nw, b = sgd"),
        (
            "dscores = softmax_loss(scores, y_batch)",
            "dscores = softmax_loss(scores, y_batch)\ndscores *= batch_size",
        ),
    ],
    "01_minibatch_sgd/noise-code": [
        ("noise = np.sqrt(np.mean(squares))", "noise = np.mean(np.sqrt(squares))"),
        ("noise = np.sqrt(np.mean(squares))", "noise = np.mean(squares)"),
        ("noise = np.sqrt(np.mean(squares))", "noise = np.sqrt(np.sum(squares))"),
        (" - full) ** 2", ") ** 2"),
        ("np.sum((dw_of", "np.mean((dw_of"),
        ("batch_size, rng)) - full", "batch_size, rng)) * batch_size - full"),
        ("range(repeats)", "range(50)"),
    ],
    "02_activations/quotients-code": [
        ("left = (f(x) - f(x - h)) / h", "left = (f(x - h) - f(x)) / h"),
        ("f(x - h)) / (2 * h)", "f(x - h)) / h"),
        ("f(x - h)) / (2 * h)", "f(x - h)) / 2 * h"),
        ("right = (f(x + h) - f(x)) / h", "right = (f(x + h) - f(x)) / 1e-5"),
        ("central = (f(x + h) - f(x - h)) / (2 * h)", "central = right"),
        ("left = (f(x) - f(x - h)) / h", "h = 1e-5\nleft = (f(x) - f(x - h)) / h"),
    ],
    "02_activations/batch-signs-code": [
        ("dw >= 0", "dw > 0"),
        ("np.all(dw <= 0, axis=0)", "np.all(dw < 0, axis=0)"),
        (
            "np.all(dw >= 0, axis=0) | np.all(dw <= 0, axis=0)",
            "np.all(dw >= 0, axis=1) | np.all(dw <= 0, axis=1)",
        ),
        ("np.all(dw >= 0, axis=0) | np.all(dw <= 0, axis=0)", "np.all(dw >= 0, axis=0)"),
        (
            "np.all(dw >= 0, axis=0) | np.all(dw <= 0, axis=0)",
            "np.all(np.sign(dw) == np.sign(dw[0]), axis=0)",
        ),
        ("np.mean(one_sign)", "1 - np.mean(one_sign)"),
        ("np.mean(one_sign)", "np.sum(one_sign)"),
        ("np.all(dw >= 0, axis=0) | np.all(dw <= 0, axis=0)", "np.prod(dw, axis=0) >= 0"),
    ],
    "02_activations/leaky-as-maxout-code": [
        ("np.stack([b, slope * b])", "np.stack([b, b])"),
        ("np.stack([b, slope * b])", "np.stack([b, np.zeros_like(b)])"),
        ("np.stack([w, slope * w])", "np.stack([w, -slope * w])"),
        ("np.stack([w, slope * w])", "np.stack([w, 0.01 * w])"),
        ("np.stack([w, slope * w])", "np.stack([w, np.zeros_like(w)])"),
        ("np.stack([b, slope * b])", "np.stack([slope * b, b])"),
    ],
    "03_preprocessing/splits-code": [
        ("fit_standardize(train)", "fit_standardize(x)"),
        ("fit_standardize(train)", "fit_standardize(np.concatenate([train, held_out]))"),
        ("fit_standardize(train)", "fit_standardize(np.concatenate([x, x_test]))"),
        ("fit_standardize(train)", "fit_standardize(held_out)"),
        ("fit_standardize(train)", "fit_standardize(x[folds != 0])"),
        ("standardize(held_out, mean, std)", "standardize(held_out, *fit_standardize(held_out))"),
        ("[(x, x_test)]", "[(x[folds != K - 1], x_test)]"),
        ("+ [(x, x_test)]", ""),
        ("(x[folds != k], x[folds == k])", "(x[folds == k], x[folds != k])"),
        ("range(K)", "range(K - 1)"),
        (
            "mean, std = fit_standardize(train)",
            "mean, std = fit_standardize(x[folds != K - 1] if held_out is x_test else train)",
        ),
        (
            "mean, std = fit_standardize(train)",
            "mean, std = train.mean(axis=0), train.std(axis=0, ddof=1)",
        ),
        (
            "mean, std = fit_standardize(train)",
            "mean, std = train.mean(axis=0), train.var(axis=0)",
        ),
        (
            "mean, std = fit_standardize(train)",
            "mean, std = fit_standardize(train)\nmean = mean * 0 + train.mean()",
        ),
        (
            "mean, std = fit_standardize(train)",
            "mean, std = fit_standardize(train)\nx_test -= mean",
        ),
    ],
    "03_preprocessing/plan-descent": [
        ("x.T @ x / len(x)", "x.T @ x"),
        ("x.T @ x / len(x)", "x.T @ x / x.shape[1]"),
        ("x.T @ x / len(x)", "(x - x.mean(axis=0)).T @ (x - x.mean(axis=0)) / len(x)"),
        ("x.T @ x / len(x)", "x.T @ x / (len(x) - 1)"),
        ("h[-1] / h[0]", "h[0] / h[-1]"),
        ("2 / (h[-1] + h[0])", "2 / h[-1]"),
        ("2 / (h[-1] + h[0])", "1 / (h[-1] + h[0])"),
        ("h[-1] / h[0]", "np.sqrt(h[-1] / h[0])"),
        (
            "h = np.linalg.eigvalsh(x.T @ x / len(x))",
            "x -= x.mean()\nh = np.linalg.eigvalsh(x.T @ x / len(x))",
        ),
    ],
    "03_preprocessing/rebuild-code": [
        (" + mean", ""),
        ("@ first.T + mean", "@ first.T"),
        ("components[:, :K]", "components[:, : K + 1]"),
        ("components[:, :K]", "components[:K].T"),
        ("components[:, :K]", "components[:, -K:]"),
        ("apply_pca(x, mean, first)", "x @ first"),
        ("apply_pca(x, mean, first)", "apply_pca(x, x.mean(axis=0), first)"),
    ],
    "04_initialization/normal-mean-code": [
        ("np.sqrt(variance) * GRID", "variance * GRID"),
        ("np.sqrt(variance) * GRID", "GRID"),
        ("f(np.sqrt(variance) * GRID)", "f(GRID) * variance"),
        ("f(np.sqrt(variance) * GRID) @ PROBABILITIES", "np.mean(f(np.sqrt(variance) * GRID))"),
        ("f(np.sqrt(variance) * GRID)", "f(np.sqrt(variance) * GRID) ** 2"),
        ("@ PROBABILITIES", "@ PROBABILITIES / len(GRID)"),
        ("f(np.sqrt(variance) * GRID)", "f(GRID / np.sqrt(variance))"),
    ],
    "04_initialization/uniform-code": [
        ("np.sqrt(3 * variance)", "np.sqrt(variance)"),
        ("np.sqrt(3 * variance)", "np.sqrt(12 * variance)"),
        ("np.sqrt(3 * variance)", "3 * variance"),
        ("np.sqrt(3 * variance)", "3 * np.sqrt(variance)"),
        ("(1 + alpha**2) / 2", "1 / 2"),
        ("(1 + alpha**2) / 2", "(1 + alpha) / 2"),
        ("(1 + alpha**2) / 2", "(1 + abs(alpha)) / 2"),
        ("(1 + alpha**2) / 2", "1 + alpha**2"),
        ("(1 + alpha**2) / 2", "(1 + alpha**2) / 2 - (1 - alpha) ** 2 / (2 * np.pi)"),  # Var(h)
        ("(fan_in * share)", "(fan_in / share)"),
        ("(fan_in * share)", "(fan_in**2 * share)"),
    ],
    "04_initialization/update-code": [
        ("learning_rate * np", "np"),
        ("learning_rate * np", "0.01 * np"),
        ("steps / sizes", "sizes / steps"),
        ("steps / sizes", "steps.sum() / sizes.sum()"),
        ("steps / sizes", "(steps / sizes) ** 2"),
        ("steps / sizes", "(steps / sizes)[::-1]"),
        ("steps / sizes", "(steps / sizes)[:-1]"),
        (
            'names = [f"W{k}" for k in range(1, len(params) // 2 + 1)]',
            'names = sorted(name for name in params if name[0] == "W")',
        ),
        ('names = [f"W{k}" for k in range(1, len(params) // 2 + 1)]', "names = list(params)"),
        ("np.linalg.norm(grads[name])", "np.linalg.norm(grads[name], 2)"),
        ("np.linalg.norm(grads[name])", "np.abs(grads[name]).mean()"),
        (
            "np.linalg.norm(params[name])",
            "np.linalg.norm(params[name] - learning_rate * grads[name])",
        ),
        ("sizes = np", 'grads["W1"] *= learning_rate\nsizes = np'),
    ],
    "05_batchnorm/identity-code": [
        (" + eps)", ")"),
        ("np.sqrt(x.var(axis=0) + eps)", "np.sqrt(x.var(axis=0)) + eps"),
        ("np.sqrt(x.var(axis=0) + eps)", "x.var(axis=0) + eps"),
        ("+ eps", "+ 1e-5"),
        ("x.var(axis=0)", "(x**2).mean(axis=0)"),
        ("x.mean(axis=0)", "-x.mean(axis=0)"),
        ("x.mean(axis=0)", "x.mean()"),
        ("x.var(axis=0)", "x.var(axis=0, ddof=len(x) > 1)"),
        ("x.mean(axis=0)", "x.mean(axis=0, keepdims=True)"),
    ],
    "05_batchnorm/early-code": [
        ("1 / np.sqrt(1 - momentum**k)", "np.sqrt(1 - momentum**k)"),
        ("1 / np.sqrt(1 - momentum**k)", "1 / (1 - momentum**k)"),
        ("momentum**k", "0.9**k"),
        ("momentum**k", "momentum ** (k + 1)"),
        ("1 - momentum**k", "1 - (1 - momentum) ** k"),
        ("1 / np.sqrt(1 - momentum**k)", "1 / np.sqrt(k * (1 - momentum))"),
    ],
    "05_batchnorm/rung-1": [
        ("dout * gamma", "dout"),
        ("dout * gamma", "dout / gamma"),
        ("np.sum(dout * xhat, axis=0)", "np.sum(xhat, axis=0)"),
        ("np.sum(dout * xhat, axis=0)", "np.mean(dout * xhat, axis=0)"),
        ("np.sum(dout * xhat, axis=0)", "np.sum(dout * xhat, axis=0, keepdims=True)"),
        ("np.sum(dout, axis=0)", "np.sum(dout, axis=1)"),
        ("np.sum(dout, axis=0)", "np.mean(dout, axis=0)"),
        ("dxhat = dout * gamma", "dout *= gamma\ndxhat = dout"),
    ],
    "05_batchnorm/rung-2": [
        ("dxhat * istd", "dxhat / istd"),
        ("dxhat * istd", "dxhat"),
        ("np.sum(dxhat * s, axis=0)", "np.sum(dxhat * istd, axis=0)"),
        ("np.sum(dxhat * s, axis=0)", "np.sum(dxhat * s)"),
        ("np.sum(dxhat * s, axis=0)", "np.mean(dxhat * s, axis=0)"),
        ("np.sum(dxhat * s, axis=0)", "np.sum(s, axis=0)"),
        ("np.sum(dxhat * s, axis=0)", "np.sum(dxhat * s, axis=0, keepdims=True)"),
    ],
    "05_batchnorm/rung-3": [
        ("-0.5", "0.5"),
        ("-0.5 *", "-"),
        ("istd**3", "istd**-3"),
        ("istd**3", "istd**2"),
        ("distd * (-0.5", "(-0.5"),
        ("dvar = ", "distd *= 1 + 1e-5\ndvar = "),
    ],
    "05_batchnorm/rung-4": [
        ("2 / len(s)", "1 / len(s)"),
        ("2 / len(s)", "2 / s.shape[1]"),
        ("2 / len(s)", "2"),
        ("2 / len(s)", "2 / max(1, len(s) - 1)"),
        ("* s * dvar", "* np.ones_like(s) * dvar"),
        ("2 / len(s)", "-2 / len(s)"),
        ("2 / len(s)", "2 / 7"),  # N of the cell that checks it in the notebook
    ],
    "05_batchnorm/rung-5": [
        ("-np.sum", "np.sum"),
        ("-np.sum", "-np.mean"),
        ("np.sum(dx_direct, axis=0)", "np.sum(ds, axis=0)"),
        ("np.sum(dx_direct, axis=0)", "np.sum(dv, axis=0)"),
        ("np.sum(dx_direct, axis=0)", "np.sum(dx_direct, axis=0, keepdims=True)"),
        ("np.sum(dx_direct, axis=0)", "dx_direct"),
        ("dx_direct = ds + dv", "dx_direct = dv"),
        ("np.sum(dx_direct, axis=0)", "np.sum(dx_direct, axis=1)"),
        ("dx_direct = ds + dv", "dx_direct = ds"),
        ("dx_direct = ds + dv", "ds += dv\ndx_direct = ds"),
        ("np.sum(dx_direct, axis=0)", "np.sum(dx_direct)"),
    ],
    "05_batchnorm/rung-6": [
        ("dmean / len(dx_direct)", "dmean"),
        ("len(dx_direct)", "len(dmean)"),
        ("len(dx_direct)", "7"),  # N of the cell that checks it in the notebook
        ("dx_direct + dmean", "dx_direct - dmean"),
        ("dx_direct + dmean / len(dx_direct)", "dx_direct"),
        ("dx_direct + dmean", "0 * dx_direct + dmean"),
        ("dx_direct + dmean / len(dx_direct)", "dmean / len(dx_direct)"),
        ("dx_direct + dmean", "dx_direct + dmean.sum()"),
        ("dx_direct + dmean", "dx_direct.sum(axis=0) + dmean"),
        ("dx = dx_direct +", "dx_direct += dmean / len(dx_direct)\ndx = dx_direct + 0 *"),
    ],
    "05_batchnorm/repair": [
        ("1 / len(ds)", "1 / ds.shape[1]"),
        ("- (1 / len(ds))", "+ (1 / len(ds))"),
        ("np.sum(ds + dv, axis=0)", "np.sum(ds, axis=0)"),
        ("np.sum(ds + dv, axis=0)", "np.sum(dv, axis=0)"),
        ("np.sum(ds + dv, axis=0)", "np.sum(ds + dv)"),
        ("(ds + dv) - (1 / len(ds)) *", "(1 / len(ds)) *"),
        ("np.sum(ds + dv, axis=0)", "np.sum(ds + dv, axis=1, keepdims=True)"),
    ],
    "06_layernorm/rung-1": [
        ("dout * gamma", "dout"),
        ("tuple(range(dout.ndim - gamma.ndim))", "0"),  # right but for texts
        ("tuple(range(dout.ndim - gamma.ndim))", "tuple(range(dout.ndim - 1))"),  # but for images
        ("tuple(range(dout.ndim - gamma.ndim))", "-1"),
        ("tuple(range(dout.ndim - gamma.ndim))", "tuple(range(-gamma.ndim, 0))"),  # of the mean
        ("np.sum(dout * xhat, axis=axes)", "np.sum(dout * xhat, axis=0)"),
        ("np.sum(dout * xhat, axis=axes)", "np.sum(dout * xhat, axis=axes, keepdims=True)"),
        ("np.sum(dout * xhat, axis=axes)", "np.mean(dout * xhat, axis=axes)"),
        ("np.sum(dout * xhat, axis=axes)", "np.sum(dout * xhat)"),
        ("np.sum(dout * xhat, axis=axes)", "np.sum(dxhat * xhat, axis=axes)"),
        ("np.sum(dout, axis=axes)", "np.sum(dout, axis=1)"),
        ("np.sum(dout, axis=axes)", "np.sum(dout, axis=-1)"),
        ("np.sum(dout, axis=axes)", "dout"),
    ],
    "06_layernorm/rung-2": [
        ("axis=axis", "axis=0"),
        ("axis=axis", "axis=1"),
        ("axis=axis", "axis=1 - axis"),
        ("axis=axis, keepdims=True", "axis=axis"),
        ("dxhat * istd", "dxhat"),
        ("np.sum(dxhat * s", "np.sum(dxhat"),
        ("np.sum(dxhat * s", "np.mean(dxhat * s"),
        ("dxhat * s, ", "ds * s, "),
    ],
    "06_layernorm/rungs-5-6": [
        ("axis=axis", "axis=0"),
        ("axis=axis", "axis=1"),
        ("total - total", "total + total"),
        ("total - total.mean(axis=axis, keepdims=True)", "total - total.mean()"),
        ("total.mean(axis=axis, keepdims=True)", "total.sum(axis=axis, keepdims=True)"),
        (
            "total.mean(axis=axis, keepdims=True)",
            "total.sum(axis=axis, keepdims=True) / len(total)",
        ),
        ("dx_total = total", "total -= total.mean(axis=axis, keepdims=True)\ndx_total = total"),
    ],
    "06_layernorm/notes-formula": [
        ("both @ np.ones((D, D))", "np.ones((len(ds), len(ds))) @ both"),
        ("/ D", "/ len(ds)"),
        ("np.ones((D, D)) / D", "np.ones((D, D))"),
        ("both @ np.ones((D, D)) / D", "both.sum(axis=1, keepdims=True) @ np.ones((1, D))"),
        ("both = ds + dv", "both = ds"),
        ("both - both @", "both + both @"),
        ("both - both @ np", "ds - both @ np"),
    ],
    "06_layernorm/per-image": [
        ("x.std(axis=1, keepdims=True)", "x.std(axis=1, keepdims=True, ddof=1)"),
        ("x.std(axis=1, keepdims=True)", "x.var(axis=1, keepdims=True)"),
        ("x.std(axis=1, keepdims=True)", "x.std()"),
        ("x.mean(axis=1, keepdims=True)", "x.mean()"),
        ("x.std(axis=1, keepdims=True)", "1"),
        ("- x.mean(axis=1, keepdims=True)", "+ x.mean(axis=1, keepdims=True)"),
        ("std = ", "x -= x.mean(axis=1, keepdims=True)\nstd = "),
    ],
    "07_babysitting/excess-code": [
        ("scores.var(axis=1)", "scores.var(axis=0)"),
        ("scores.var(axis=1)", "scores.var()"),
        ("scores.var(axis=1)", "scores.var(axis=1, ddof=1)"),
        ("scores.var(axis=1)", "scores.std(axis=1)"),
        ("scores.var(axis=1)", "(scores**2).mean(axis=1)"),  # the same where the mean is 0
        ("0.5 * variances", "variances"),
        ("scores.shape[1]", "scores.shape[0]"),
        ("scores.shape[1]", "10"),
        ("+ 0.5", "- 0.5"),
        ("variances.mean()", "variances.sum()"),
        (
            "predicted = np.log(scores.shape[1]) + 0.5 * variances.mean()",
            "p = np.exp(scores - scores.mean(axis=1, keepdims=True))\n"
            "predicted = np.log(p.sum(axis=1)).mean()",  # exact, not to second order
        ),
    ],
    "07_babysitting/window-code": [
        ("<= factor", "< factor"),
        ("<= factor * final_losses.min()", "<= final_losses.min() + factor"),
        ("<= factor *", "<= 1.25 *"),
        ("low = high = int(np.argmin(final_losses))", "low, high = np.flatnonzero(good)[[0, -1]]"),
        ("low > 0", "low > 1"),
        ("high < len(rates) - 1", "high < len(rates) - 2"),
        ("    low -= 1", "    break"),
        ("good[high + 1]", "good[high]"),
    ],
    "07_babysitting/diagnose-code": [
        ("patient.input_mean) > 0.3", "patient.input_mean) > 3"),
        ("patient.first_data_loss > 3 * log_c", "patient.first_loss > 3 * log_c"),
        ("elif patient.dead_share > 0.5", "elif patient.dead_share > 1"),
        ("patient.update_ratio > 0.1", "patient.update_ratio > 0.5"),
        ("patient.update_ratio < 1e-3", "patient.update_ratio < 1e-6"),
        ("patient.val_accuracy < 3.5", "patient.val_accuracy < 0.5"),
        ('"healthy"', '"Healthy"'),
        ("log_c = ", 'return "healthy"\nlog_c = '),
    ],
    "08_hyperparameters/duel-code": [
        ("weight**2 *", "weight *"),
        ("weight**2 * (y", "(y"),
        (".min(axis=1)", ".max(axis=1)"),
        (".min(axis=1)", ".mean(axis=1)"),
        (".min(axis=1)", "[:, 0]"),
        ("np.sqrt((x", "((x"),
        ("(x - x_best) ** 2 + weight", "np.abs(x - x_best) + weight"),
        (".min(axis=1)", ".min(axis=0)"),
    ],
    "08_hyperparameters/refine-code": [
        ("score >= best_score - margin", "best_score - score < margin or score == best_score"),
        ("score >= best_score - margin", "score >= best_score"),
        ("score >= best_score - margin", "not score < best_score - margin"),
        ("max(below) if below", "min(below) if below"),
        ("min(above) if above", "max(above) if above"),
        ("min(good) / 10", "min(good)"),
        ("max(good) * 10", "max(good)"),
        ("max(below) if below else min(good) / 10", "min(good)"),
        ("max(good) * 10", "max(good) * 100"),
    ],
    "08_hyperparameters/curse-code": [
        ("validation.argmax(axis=1)", "test.argmax(axis=1)"),
        ("test[rows, best]", "test.max(axis=1)"),
        ("test[rows, best]", "test[rows, 0]"),
        ("validation[rows, best]", "validation.mean(axis=1)"),
        (
            "validation.argmax(axis=1)",
            "validation.shape[1] - 1 - validation[:, ::-1].argmax(axis=1)",
        ),
        ("validation[rows, best], test[rows, best]", "test[rows, best], validation[rows, best]"),
        ("test[rows, best]", "test[rows, best[0]]"),
    ],
}
