  # Whether oneDNN multiplies bfloat16 on this processor, which takes AVX-512 or the like.
  def onednn_has_bfloat16(self: __torch__.Kernels) -> bool:
    return ops.mkldnn._is_mkldnn_bf16_supported()
  # A matrix without gaps between its rows, or columns: oneDNN takes a thousand times as long for one with gaps.
  def dense(self: __torch__.Kernels, w: Tensor) -> Tensor:
    if torch.is_contiguous(w):
      y = w
    else:
      if torch.is_contiguous(torch.t(w)):
        y = w
      else:
        y = torch.t(torch.contiguous(torch.t(w)))
    return y
  def by_onednn(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, self.dense(w), b, "none", annotate(List[Optional[number]], []), "")
  def by_onednn_add(self: __torch__.Kernels, x: Tensor, w: Tensor, other: Tensor) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, other, self.dense(w), None, "add")
  # oneDNN's float32 product takes the second factor from columns. One that lies row by row it brings into order while it multiplies, which
  # costs up to three quarters of its speed from 16 rows of x on, except for weights so small that calls cost more than products. A token of
  # fewer rows does not ask: products-few-rows.py.
  def in_pieces(self: __torch__.Kernels, x: Tensor, w: Tensor) -> bool:
    slow = False
    if torch.ge(torch.size(x, 0), 16):
      if torch.eq(ops.prim.dtype(w), 6) and torch.eq(torch.dim(x), 2) and torch.eq(torch.dim(w), 2):
        slow = torch.ge(torch.numel(w), 262144) and torch.is_contiguous(w)
    return slow
  # x w^T + more by pieces of w's rows; more is a vector [out], a matrix [N, out] or absent. With few rows x is what oneDNN brings into
  # order, and the result is turned: pieces of 1 MiB. With many rows it is each piece of w, 4 MiB, which then multiply at full speed.
  def product_in_pieces(self: __torch__.Kernels, x: Tensor, w: Tensor, more: Optional[Tensor]) -> Tensor:
    rows = torch.size(x, 0)
    out = torch.size(w, 0)
    few = torch.lt(rows, 256)
    if few:
      step = 262144 // rows
    else:
      step = 1048576 // torch.size(w, 1)
    step = max(16, step // 16 * 16)
    if torch.__not__(few) and step >= out:
      y = self.by_onednn(x, ops.mkldnn._reorder_linear_weight(w, None), None)
      if more is not None:
        y = torch.add_(y, unchecked_cast(Tensor, more))
    else:
      y = torch.empty([rows, out], dtype=6, layout=None, device=ops.prim.device(x))
      start = 0
      while start < out:
        n = min(step, out - start)
        part = torch.narrow(w, 0, start, n)
        if few:
          z = torch.t(self.by_onednn(part, x, None))
        else:
          z = self.by_onednn(x, ops.mkldnn._reorder_linear_weight(part, None), None)
        place = torch.narrow(y, 1, start, n)
        if more is None:
          _0 = torch.copy_(place, z)
        else:
          _1 = torch.add(z, torch.narrow(unchecked_cast(Tensor, more), -1, start, n), alpha=1, out=place)
        start = start + n
    return y
  # y = x w^T + b for w [out, in]; products by oneDNN's own operator where asked. It has no gradient formula and does not say so.
  def linear(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Optional[Tensor], onednn: bool) -> Tensor:
    if onednn:
      if self.in_pieces(x, w):
        y = self.product_in_pieces(x, w, b)
      else:
        y = self.by_onednn(x, w, b)
    else:
      y = torch.linear(x, w, b)
    return y
  def linear_add(self: __torch__.Kernels, x: Tensor, w: Tensor, other: Tensor, onednn: bool) -> Tensor:
    if onednn:
      if self.in_pieces(x, w):
        y = self.product_in_pieces(x, w, other)
      else:
        y = self.by_onednn_add(x, w, other)
    else:
      y = torch.add(torch.linear(x, w, None), other)
    return y
  def linear_gradient(self: __torch__.Kernels, g: Tensor, w: Tensor, onednn: bool) -> Tensor:
    if onednn:
      y = self.linear(g, torch.t(w), None, True)
    else:
      y = torch.mm(g, w)
    return y
  def linear_gradient_add(self: __torch__.Kernels, g: Tensor, w: Tensor, other: Tensor, onednn: bool) -> Tensor:
    if onednn:
      y = self.linear_add(g, torch.t(w), other, True)
    else:
      y = torch.addmm(other, g, w)
    return y
