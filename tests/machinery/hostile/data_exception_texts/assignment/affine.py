NASTY = '=HYPERLINK("http://x","y")\n@SUM(1)\r\x1b[2J\x1b]0;passed\x07\ud800\x00<script>\u202e'
Nasty = type(NASTY.replace("\ud800", "").replace("\x00", ""), (Exception,), {})


def affine_forward(x, w, b):
    raise Nasty(10 * NASTY)


def affine_backward(dout, cache):
    raise UnicodeEncodeError("utf-8", NASTY, 0, 1, NASTY)
