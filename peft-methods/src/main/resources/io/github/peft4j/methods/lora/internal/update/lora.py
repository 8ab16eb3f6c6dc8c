  # W [out, in] unless said otherwise, A [r, in], B [out, r], all float32 but W; m, n, f [out] float32.
  # The products of an update, with factors in the base's format. For so few columns or rows torch's own products are the fastest, oneDNN's
  # fused additions the slowest.
  def inner(self: __torch__.LoraKernels, x: Tensor, a: Tensor) -> Tensor:
    return torch.linear(x, a, None)
  def outer(self: __torch__.LoraKernels, inner: Tensor, b: Tensor, base: Optional[Tensor]) -> Tensor:
    if base is None:
      y = torch.linear(inner, b, None)
    else:
      y = torch.addmm(unchecked_cast(Tensor, base), inner, torch.t(b), beta=1, alpha=1)
    return y
  def inner_gradient(self: __torch__.LoraKernels, g: Tensor, b: Tensor) -> Tensor:
    return torch.mm(g, b)
  def input_gradient(self: __torch__.LoraKernels, flowed: Tensor, a: Tensor, sum: Optional[Tensor]) -> Tensor:
    if sum is None:
      y = torch.mm(flowed, a)
    else:
      y = torch.addmm(unchecked_cast(Tensor, sum), flowed, a, beta=1, alpha=1)
    return y
  def a_gradient(self: __torch__.LoraKernels, flowed: Tensor, x: Tensor) -> Tensor:
    return torch.to(torch.mm(torch.t(flowed), x), 6)
  # The narrow factor comes first: nearly twice as fast as g^T inner.
  def b_gradient(self: __torch__.LoraKernels, g: Tensor, inner: Tensor, scale: float) -> Tensor:
    return torch.contiguous(torch.t(torch.mul(torch.to(torch.mm(torch.t(inner), g), 6), scale)))
  # Decompositions are computed in float64: where singular values lie close together the vectors of the one are mixed with those of the
  # other by the rounding error over the gap, and in float32 that would show, differently on each processor.
  def svd(self: __torch__.LoraKernels, w: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    u, s, vh = torch.linalg_svd(torch.to(w, 7), False)
    return (u, s, vh)
  # Halko, Martinsson and Tropp's algorithm 5.1 on a basis found by subspace iteration from start [in, r].
  def svd_lowrank(self: __torch__.LoraKernels, w: Tensor, start: Tensor, iterations: int) -> Tuple[Tensor, Tensor, Tensor]:
    x = torch.to(w, 7)
    q, r = torch.linalg_qr(torch.matmul(x, torch.to(start, 7)))
    for i in range(iterations):
      p, r = torch.linalg_qr(torch.matmul(torch.t(x), q))
      q, r = torch.linalg_qr(torch.matmul(x, p))
    u, s, vh = torch.linalg_svd(torch.matmul(torch.t(q), x), False)
    return (torch.matmul(q, u), s, vh)
  def qr(self: __torch__.LoraKernels, w: Tensor) -> Tuple[Tensor, Tensor]:
    q, r = torch.linalg_qr(torch.to(w, 7))
    return (q, r)
  # The same values row by row in float32.
  def rounded(self: __torch__.LoraKernels, x: Tensor) -> Tensor:
    return torch.clone(torch.to(x, 6), memory_format=0)
  # B diag(sqrt(s / scale)) and diag(sqrt(s / scale)) A, so that scale times their product has the singular values s.
  def spread(self: __torch__.LoraKernels, u: Tensor, s: Tensor, vh: Tensor, scale: float) -> Tuple[Tensor, Tensor]:
    d = torch.sqrt(torch.div(s, scale))
    a = torch.mul(torch.unsqueeze(d, 1), vh)
    return (self.rounded(a), self.rounded(torch.mul(u, d)))
  # Norms of the rows of w + scale b a, in blocks of rows small enough to stay in the cache.
  def row_norms(self: __torch__.LoraKernels, w: Tensor, a: Tensor, b: Tensor, scale: float) -> Tensor:
    rows = torch.size(w, 0)
    step = 1 + 131072 // torch.size(w, 1)
    norms = torch.empty([rows], dtype=6, layout=None, device=ops.prim.device(w))
    start = 0
    while start < rows:
      n = step
      if start + step > rows:
        n = rows - start
      part = torch.addmm(torch.to(torch.narrow(w, 0, start, n), 6), torch.narrow(b, 0, start, n), a, beta=1, alpha=scale)
      _0 = torch.copy_(torch.narrow(norms, 0, start, n), torch.linalg_vector_norm(part, 2, [1], False, dtype=6))
      start = start + n
    return norms
  # The same of the columns of w + scale (b a)^T, where w lies [in, out].
  def column_norms(self: __torch__.LoraKernels, w: Tensor, a: Tensor, b: Tensor, scale: float) -> Tensor:
    rows = torch.size(w, 0)
    step = 1 + 131072 // torch.size(w, 1)
    squares = torch.zeros([torch.size(w, 1)], dtype=6, layout=None, device=ops.prim.device(w))
    start = 0
    while start < rows:
      n = step
      if start + step > rows:
        n = rows - start
      part = torch.addmm(torch.to(torch.narrow(w, 0, start, n), 6), torch.t(torch.narrow(a, 1, start, n)), torch.t(b), beta=1, alpha=scale)
      _0 = torch.add_(squares, torch.sum(torch.mul_(part, part), [0]))
      start = start + n
    return torch.sqrt_(squares)
  def divide(self: __torch__.LoraKernels, x: Tensor, y: Tensor) -> Tensor:
    return torch.div(x, y)
  # f u
  def stretch(self: __torch__.LoraKernels, u: Tensor, f: Tensor) -> Tensor:
    return torch.to(torch.mul(u, f), ops.prim.dtype(u))
  # f (u - b) + b
  def stretch_about(self: __torch__.LoraKernels, u: Tensor, f: Tensor, b: Tensor) -> Tensor:
    rest = torch.mul(b, torch.add(torch.neg(f), 1.0))
    return torch.to(torch.addcmul(rest, u, f), ops.prim.dtype(u))
  # base + (f - 1) u + f v, where u is the base layer and v the update on the same dropped input.
  def stretch_dropped(self: __torch__.LoraKernels, base: Tensor, u: Tensor, v: Tensor, f: Tensor) -> Tensor:
    more = torch.add(torch.mul(u, torch.sub(f, 1.0)), torch.mul(v, f))
    return torch.to(torch.add(base, more), ops.prim.dtype(base))
  # sum over rows of g u, divided by n
  def magnitude_gradient(self: __torch__.LoraKernels, g: Tensor, u: Tensor, n: Tensor) -> Tensor:
    return torch.div(torch.sum(torch.mul(torch.to(g, 6), u), [0]), n)
  # f (w + delta) for delta of w's layout; f shaped to it
  def merged(self: __torch__.LoraKernels, w: Tensor, delta: Tensor, f: Tensor) -> Tensor:
    return torch.mul(torch.add(w, delta), f)
