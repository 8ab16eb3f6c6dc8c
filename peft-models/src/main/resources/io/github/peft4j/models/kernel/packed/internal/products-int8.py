  # Rows of float32 as whole numbers of at most 127 and a scale each, which has `dtype`'s digits so that a product times it is rounded once.
  # The divisor leaves room for that. A row that is not finite has the scale NaN, one of zeros or next to nothing has codes of zero.
  def rows(self: __torch__.Int8Products, x: Tensor, dtype: int) -> Tuple[Tensor, Tensor]:
    a = torch.amax(torch.abs(x), [-1], True)
    s = torch.to(torch.clamp_min(torch.mul(a, 0.007905138339920948), 1.2e-37), dtype)
    finite = torch.add(s, torch.sub(s, s))
    q = torch.round_(torch.mul(x, torch.reciprocal(torch.to(s, 6))))
    return (torch.to(q, 1), finite)
  # q w times w's scales, of columns or one for all: w is oneDNN's own copy [K, M] of codes as they lie, never its packed form, whose product
  # with signed rows is a thousand times as slow on processors without AMX.
  def product(self: __torch__.Int8Products, q: Tensor, w: Tensor, scales: Tensor, dtype: int) -> Tensor:
    zeros = torch.zeros([torch.numel(scales)], dtype=3, layout=None, device=ops.prim.device(q))
    return ops.onednn.qlinear_pointwise(q, 1., 0, w, scales, zeros, None, 1., 0, dtype, "none", annotate(List[Optional[number]], []), "")
  # x w^T + b for w = codes [out, in] times scales [out, 1].
  def outputs(self: __torch__.Int8Products, x: Tensor, codes: Tensor, scales: Tensor, b: Optional[Tensor]) -> Tensor:
    dtype = ops.prim.dtype(x)
    q, s = self.rows(torch.to(x, 6), dtype)
    w = torch.transpose(torch.to_mkldnn(codes), 0, 1)
    y = torch.mul_(self.product(q, w, torch.reshape(scales, [-1]), dtype), s)
    if b is not None:
      y = torch.add_(y, unchecked_cast(Tensor, b))
    return y
  # g w: the scales of w's rows go into g, whose codes are then summed over those rows.
  def input_gradient(self: __torch__.Int8Products, g: Tensor, codes: Tensor, scales: Tensor, other: Optional[Tensor]) -> Tensor:
    dtype = ops.prim.dtype(g)
    q, s = self.rows(torch.mul(torch.to(g, 6), torch.reshape(scales, [1, -1])), dtype)
    one = torch.ones([1], dtype=6, layout=None, device=ops.prim.device(g))
    y = torch.mul_(self.product(q, torch.to_mkldnn(codes), one, dtype), s)
    if other is not None:
      y = torch.add_(y, unchecked_cast(Tensor, other))
    return y
