  # A [r, in] and B [out, r] in the layer's format; d [r] and b [out] float32.
  def up(self: __torch__.VeraKernels, inner: Tensor, d: Tensor, up: Tensor, b: Tensor, base: Tensor) -> Tensor:
    u = torch.to(torch.mul(inner, d), ops.prim.dtype(inner))
    v = torch.mul_(torch.to(torch.linear(u, up, None), 6), b)
    return torch.to(torch.add(base, v), ops.prim.dtype(base))
  def flowed(self: __torch__.VeraKernels, g: Tensor, up: Tensor, b: Tensor) -> Tensor:
    return torch.mm(torch.to(torch.mul(g, b), ops.prim.dtype(up)), up)
  # The outputs of B are not kept: each one's products with g are those of B's row with a row of g^T (d inner).
  def b_gradient(self: __torch__.VeraKernels, g: Tensor, inner: Tensor, d: Tensor, up: Tensor) -> Tensor:
    u = torch.to(torch.mul(inner, d), ops.prim.dtype(g))
    return torch.sum(torch.mul(torch.to(torch.mm(torch.t(u), g), 6), torch.t(up)), [0])
  def delta(self: __torch__.VeraKernels, down: Tensor, up: Tensor, d: Tensor, b: Tensor) -> Tensor:
    return torch.matmul(self.scaled_rows(up, b), self.scaled_rows(down, d))
  def scaled_rows(self: __torch__.VeraKernels, w: Tensor, v: Tensor) -> Tensor:
    return torch.mul(w, torch.unsqueeze(v, 1))
