  # x [N, in]; factors of a Hadamard update a1, a2 [out, R] and b1, b2 [R, in]; all float32 unless said otherwise; keep [out] or nothing.
  # scale (a1 b1) * (a2 b2), rows times keep, in a format.
  def hadamard(self: __torch__.LycorisKernels, a1: Tensor, b1: Tensor, a2: Tensor, b2: Tensor, scale: float, keep: Optional[Tensor], dtype: int) -> Tensor:
    d = torch.mul_(torch.mul_(torch.mm(a1, b1), torch.mm(a2, b2)), scale)
    if keep is not None:
      d = torch.mul_(d, torch.unsqueeze(unchecked_cast(Tensor, keep), 1))
    return torch.to(d, dtype, False, False)
  # Gradients of a1, b1, a2, b2 from that of the update, g [out, in].
  def hadamard_gradient(self: __torch__.LycorisKernels, g: Tensor, a1: Tensor, b1: Tensor, a2: Tensor, b2: Tensor, scale: float, keep: Optional[Tensor]) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    s = torch.mul(g, scale)
    if keep is not None:
      s = torch.mul_(s, torch.unsqueeze(unchecked_cast(Tensor, keep), 1))
    first = torch.mul(s, torch.mm(a2, b2))
    second = torch.mul_(s, torch.mm(a1, b1))
    return (torch.mm(first, torch.t(b1)), torch.mm(torch.t(a1), first), torch.mm(second, torch.t(b2)), torch.mm(torch.t(a2), second))
  # Kronecker update w1 [A, C] x w2 [B, E] of a layer from C E to A B values, without ever making it: y = base + keep * (w1 (x w2^T)), and
  # the inner product t = x w2^T [N, C, B].
  def kronecker(self: __torch__.LycorisKernels, x: Tensor, w1: Tensor, w2: Tensor, base: Tensor, keep: Optional[Tensor]) -> Tuple[Tensor, Tensor]:
    n = torch.size(x, 0)
    c = torch.size(w1, 1)
    t = torch.reshape(torch.mm(torch.reshape(x, [n * c, torch.size(w2, 1)]), torch.t(w2)), [n, c, torch.size(w2, 0)])
    u = torch.reshape(torch.matmul(w1, t), [n, torch.size(base, 1)])
    if keep is not None:
      u = torch.mul_(u, torch.to(unchecked_cast(Tensor, keep), ops.prim.dtype(u)))
    return (torch.add_(u, base), t)
  # The gradient of t [N, C, B] and, float32, of w1 [A, C].
  def kronecker_inner_gradient(self: __torch__.LycorisKernels, g: Tensor, w1: Tensor, t: Tensor, keep: Optional[Tensor]) -> Tuple[Tensor, Tensor]:
    n = torch.size(g, 0)
    a = torch.size(w1, 0)
    c = torch.size(w1, 1)
    b = torch.size(t, 2)
    kept = g
    if keep is not None:
      kept = torch.mul(g, torch.to(unchecked_cast(Tensor, keep), ops.prim.dtype(g)))
    g3 = torch.reshape(kept, [n, a, b])
    left = torch.reshape(torch.permute(g3, [1, 0, 2]), [a, n * b])
    right = torch.reshape(torch.permute(t, [1, 0, 2]), [c, n * b])
    return (torch.matmul(torch.t(w1), g3), torch.to(torch.mm(left, torch.t(right)), 6))
  # The gradient of w2 [B, E], float32.
  def kronecker_outer_gradient(self: __torch__.LycorisKernels, dt: Tensor, x: Tensor) -> Tensor:
    b = torch.size(dt, 2)
    flat = torch.reshape(dt, [-1, b])
    return torch.to(torch.mm(torch.t(flat), torch.reshape(x, [torch.size(flat, 0), -1])), 6)
  # The gradient of x [N, in], plus sum if there is one.
  def kronecker_input_gradient(self: __torch__.LycorisKernels, dt: Tensor, w2: Tensor, sum: Optional[Tensor]) -> Tensor:
    y = torch.reshape(torch.mm(torch.reshape(dt, [-1, torch.size(dt, 2)]), w2), [torch.size(dt, 0), -1])
    if sum is not None:
      y = torch.add_(y, unchecked_cast(Tensor, sum))
    return y
  # The update itself [A B, C E].
  def kron(self: __torch__.LycorisKernels, w1: Tensor, w2: Tensor) -> Tensor:
    return torch.kron(w1, w2)
  # Gradients of factors a [m, R] and b [R, n] from that of their product.
  def product_gradient(self: __torch__.LycorisKernels, g: Tensor, a: Tensor, b: Tensor) -> Tuple[Tensor, Tensor]:
    return (torch.mm(g, torch.t(b)), torch.mm(torch.t(a), g))
  # 0 or 1 for each of n values, from dropout of ones; divided by their mean if they are to be scaled, unless all are 0.
  def keep(self: __torch__.LycorisKernels, dropped: Tensor, scaled: bool) -> Tensor:
    ones = torch.to(torch.gt(dropped, 0), 6)
    if scaled:
      ones = torch.div(ones, torch.clamp_min(torch.mean(ones), 1.0e-6))
    return ones
  def ones(self: __torch__.LycorisKernels, like: Tensor, n: int) -> Tensor:
    return torch.ones([n], dtype=6, layout=None, device=ops.prim.device(like))
