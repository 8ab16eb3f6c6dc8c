  # y = x w^T + b for w [out, in]; products by torch.linear, on any device.
  def linear(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Optional[Tensor], onednn: bool) -> Tensor:
    return torch.linear(x, w, b)
  def linear_add(self: __torch__.Kernels, x: Tensor, w: Tensor, other: Tensor, onednn: bool) -> Tensor:
    return torch.add(torch.linear(x, w, None), other)
  def linear_gradient(self: __torch__.Kernels, g: Tensor, w: Tensor, onednn: bool) -> Tensor:
    return torch.mm(g, w)
  def linear_gradient_add(self: __torch__.Kernels, g: Tensor, w: Tensor, other: Tensor, onednn: bool) -> Tensor:
    return torch.addmm(other, g, w)
