  # A matrix without gaps between its rows, or columns: oneDNN takes a thousand times as long for one with gaps.
  def dense(self: __torch__.Kernels, w: Tensor) -> Tensor:
    if torch.is_contiguous(w):
      y = w
    else:
      if torch.is_contiguous(torch.t(w)):
        y = w
      else:
        y = torch.contiguous(w)
    return y
  # y = x w^T + b for w [out, in]; products by oneDNN's own operator where asked. It has no gradient formula and does not say so.
  def linear(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Optional[Tensor], onednn: bool) -> Tensor:
    if onednn:
      y = ops.mkldnn._linear_pointwise(x, self.dense(w), b, "none", annotate(List[Optional[number]], []), "")
    else:
      y = torch.linear(x, w, b)
    return y
  # A float32 w [out, in] in oneDNN's own order, to be handed to linear_packed and to nothing else.
  def pack(self: __torch__.Kernels, w: Tensor) -> Tensor:
    return ops.mkldnn._reorder_linear_weight(w, None)
  def linear_packed(self: __torch__.Kernels, x: Tensor, packed: Tensor, b: Optional[Tensor]) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, packed, b, "none", annotate(List[Optional[number]], []), "")
  def linear_add(self: __torch__.Kernels, x: Tensor, w: Tensor, other: Tensor, onednn: bool) -> Tensor:
    if onednn:
      y = ops.mkldnn._linear_pointwise(x, other, self.dense(w), None, "add")
    else:
      y = torch.add(torch.linear(x, w, None), other)
    return y
  def linear_gradient(self: __torch__.Kernels, g: Tensor, w: Tensor, onednn: bool) -> Tensor:
    if onednn:
      y = ops.mkldnn._linear_pointwise(g, torch.t(self.dense(w)), None, "none", annotate(List[Optional[number]], []), "")
    else:
      y = torch.mm(g, w)
    return y
  def linear_gradient_add(self: __torch__.Kernels, g: Tensor, w: Tensor, other: Tensor, onednn: bool) -> Tensor:
    if onednn:
      y = ops.mkldnn._linear_pointwise(g, other, torch.t(self.dense(w)), None, "add")
    else:
      y = torch.addmm(other, g, w)
    return y
