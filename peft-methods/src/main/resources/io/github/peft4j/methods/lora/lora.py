  # W [out, in] unless said otherwise, A [r, in], B [out, r], all float32 but W; m, n, f [out] float32. Norms: of the rows of W + s B A.
  def svd(self: __torch__.LoraKernels, w: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    u, s, vh = torch.linalg_svd(w, False)
    return (u, s, vh)
  # Halko, Martinsson and Tropp's algorithm 5.1 on a basis found by subspace iteration from start [in, r].
  def svd_lowrank(self: __torch__.LoraKernels, w: Tensor, start: Tensor, iterations: int) -> Tuple[Tensor, Tensor, Tensor]:
    q, r = torch.linalg_qr(torch.matmul(w, start))
    for i in range(iterations):
      p, r = torch.linalg_qr(torch.matmul(torch.t(w), q))
      q, r = torch.linalg_qr(torch.matmul(w, p))
    u, s, vh = torch.linalg_svd(torch.matmul(torch.t(q), w), False)
    return (torch.matmul(q, u), s, vh)
  def qr(self: __torch__.LoraKernels, w: Tensor) -> Tuple[Tensor, Tensor]:
    q, r = torch.linalg_qr(w)
    return (q, r)
  # B diag(sqrt(s / scale)) and diag(sqrt(s / scale)) A, so that scale times their product has the singular values s.
  def spread(self: __torch__.LoraKernels, u: Tensor, s: Tensor, vh: Tensor, scale: float) -> Tuple[Tensor, Tensor]:
    d = torch.sqrt(torch.div(s, scale))
    a = torch.mul(torch.unsqueeze(d, 1), vh)
    return (torch.contiguous(a), torch.contiguous(torch.mul(u, d)))
  # |w + s b a|^2 = |w|^2 + 2 s <w, b a> + s^2 |b a|^2 row by row, without a matrix of w's size.
  def norms(self: __torch__.LoraKernels, w: Tensor, a: Tensor, b: Tensor, scale: float) -> Tensor:
    n = torch.linalg_vector_norm(w, 2, [1], False, dtype=6)
    cross = torch.sum(torch.mul(torch.matmul(torch.to(w, 6), torch.t(a)), b), [1])
    square = torch.sum(torch.mul(torch.matmul(b, torch.matmul(a, torch.t(a))), b), [1])
    total = torch.add(torch.mul(n, n), torch.add(torch.mul(cross, 2.0 * scale), torch.mul(square, scale * scale)))
    return torch.sqrt(torch.clamp_min(total, 0.0))
  def divide(self: __torch__.LoraKernels, x: Tensor, y: Tensor) -> Tensor:
    return torch.div(x, y)
  # f (u - b) + b
  def stretch(self: __torch__.LoraKernels, u: Tensor, f: Tensor) -> Tensor:
    return torch.to(torch.mul(u, f), ops.prim.dtype(u))
  def stretch_about(self: __torch__.LoraKernels, u: Tensor, f: Tensor, b: Tensor) -> Tensor:
    rest = torch.mul(b, torch.add(torch.neg(f), 1.0))
    return torch.to(torch.add(torch.mul(u, f), rest), ops.prim.dtype(u))
  # base + (f - 1) u + f v, where u is the base layer and v the update on the same dropped input.
  def stretch_dropped(self: __torch__.LoraKernels, base: Tensor, u: Tensor, v: Tensor, f: Tensor) -> Tensor:
    more = torch.add(torch.mul(u, torch.sub(f, 1.0)), torch.mul(v, f))
    return torch.to(torch.add(base, more), ops.prim.dtype(base))
  # sum over rows of g u, divided by n
  def magnitude_gradient(self: __torch__.LoraKernels, g: Tensor, u: Tensor, n: Tensor) -> Tensor:
    return torch.div(torch.sum(torch.mul(torch.to(g, 6), u), [0]), n)
  # f (w + s delta) for delta of w's layout; f shaped to it
  def merged(self: __torch__.LoraKernels, w: Tensor, delta: Tensor, f: Tensor) -> Tensor:
    return torch.mul(torch.add(torch.to(w, 6), delta), f)
