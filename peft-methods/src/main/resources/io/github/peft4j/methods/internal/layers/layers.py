  def scale_columns(self: __torch__.LayerKernels, x: Tensor, v: Tensor) -> Tensor:
    return torch.to(torch.mul(x, torch.reshape(v, [-1])), ops.prim.dtype(x))
  def scale_gradient(self: __torch__.LayerKernels, g: Tensor, x: Tensor, like: Tensor) -> Tensor:
    return torch.reshape(torch.sum(torch.mul(torch.to(g, 6), x), [0]), torch.size(like))
  def with_entries(self: __torch__.LayerKernels, x: Tensor, dim: int, index: Tensor, values: Tensor) -> Tensor:
    return torch.index_copy(x, dim, index, torch.to(values, ops.prim.dtype(x)))
  def entries(self: __torch__.LayerKernels, x: Tensor, dim: int, index: Tensor) -> Tensor:
    return torch.index_select(x, dim, index)
  def without_entries(self: __torch__.LayerKernels, x: Tensor, dim: int, index: Tensor) -> Tensor:
    return torch.index_fill(x, dim, index, 0)
  def exchange_rows(self: __torch__.LayerKernels, x: Tensor, places: Tensor, values: Tensor) -> Tensor:
    own = torch.to(torch.index_select(values, 0, torch.clamp_min(places, 0)), ops.prim.dtype(x))
    return torch.where(torch.unsqueeze(torch.ge(places, 0), 1), own, x)
  def exchanged_gradient(self: __torch__.LayerKernels, g: Tensor, places: Tensor, count: int) -> Tensor:
    own = torch.to(torch.mul(g, torch.unsqueeze(torch.ge(places, 0), 1)), 6)
    sum = torch.zeros([count, torch.size(g, 1)], dtype=6, layout=None, device=ops.prim.device(g))
    return torch.index_add(sum, 0, torch.clamp_min(places, 0), own)
  def other_rows(self: __torch__.LayerKernels, g: Tensor, places: Tensor) -> Tensor:
    return torch.mul(g, torch.unsqueeze(torch.lt(places, 0), 1))
