import decimal
import gc
import locale
import random
import sys
import time

import numpy as np

decimal.getcontext().prec = 1
np.set_printoptions(threshold=0, precision=1, suppress=True, legacy="1.13")
locale.setlocale(locale.LC_ALL, "C")
random.seed(0)
np.random.seed(0)
gc.disable()
sys.setswitchinterval(1)
sys.float_repr_style = "short"
time.tzset()


def softmax_loss(x, y):
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -float(log_p[rows, y].mean()), dx / len(x)
