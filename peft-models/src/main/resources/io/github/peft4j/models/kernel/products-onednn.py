  # y = x w^T + b for w [out, in]; products by oneDNN's own operator where asked. It has no gradient formula and does not say so.
  def linear(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Optional[Tensor], onednn: bool) -> Tensor:
    if onednn:
      y = ops.mkldnn._linear_pointwise(x, w, b, "none", annotate(List[Optional[number]], []), "")
    else:
      y = torch.linear(x, w, b)
    return y
  def linear_add(self: __torch__.Kernels, x: Tensor, w: Tensor, other: Tensor, onednn: bool) -> Tensor:
    if onednn:
      y = ops.mkldnn._linear_pointwise(x, other, w, None, "add")
    else:
      y = torch.add(torch.linear(x, w, None), other)
    return y
  def linear_gradient(self: __torch__.Kernels, g: Tensor, w: Tensor, onednn: bool) -> Tensor:
    if onednn:
      y = ops.mkldnn._linear_pointwise(g, torch.t(w), None, "none", annotate(List[Optional[number]], []), "")
    else:
      y = torch.mm(g, w)
    return y
  def linear_gradient_add(self: __torch__.Kernels, g: Tensor, w: Tensor, other: Tensor, onednn: bool) -> Tensor:
    if onednn:
      y = ops.mkldnn._linear_pointwise(g, other, torch.t(w), None, "add")
    else:
      y = torch.addmm(other, g, w)
    return y
