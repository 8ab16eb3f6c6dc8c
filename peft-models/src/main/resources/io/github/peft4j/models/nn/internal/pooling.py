  # One value of several tokens: x [N, D] holds the tokens of all rows; row b's are `lengths[b]` from `starts[b]` on.

  # Sums of x over each row, each token times its weight [N, 1], in float32: [B, D].
  def row_sums(self: __torch__.PoolingKernels, x: Tensor, weights: Tensor, starts: List[int], lengths: List[int]) -> Tensor:
    h = torch.mul(torch.to(x, 6), weights)
    sums = annotate(List[Tensor], [])
    for b in range(torch.len(starts)):
      _0 = torch.append(sums, torch.sum(torch.narrow(h, 0, starts[b], lengths[b]), [0], False, dtype=6))
    return torch.to(torch.stack(sums), ops.prim.dtype(x))
  # rows [N] has the number of each token's row.
  def row_sums_gradient(self: __torch__.PoolingKernels, g: Tensor, weights: Tensor, rows: Tensor) -> Tensor:
    return torch.to(torch.mul(torch.to(torch.index_select(g, 0, rows), 6), weights), ops.prim.dtype(g))

  # The largest values of each row [B, D], and the tokens that have them.
  def row_maxima(self: __torch__.PoolingKernels, x: Tensor, starts: List[int], lengths: List[int]) -> Tuple[Tensor, Tensor]:
    values = annotate(List[Tensor], [])
    places = annotate(List[Tensor], [])
    for b in range(torch.len(starts)):
      value, place = torch.max(torch.narrow(x, 0, starts[b], lengths[b]), 0, False)
      _0 = torch.append(values, value)
      _1 = torch.append(places, torch.add(place, starts[b]))
    return (torch.stack(values), torch.stack(places))
  def row_maxima_gradient(self: __torch__.PoolingKernels, g: Tensor, places: Tensor, tokens: int) -> Tensor:
    zeros = torch.zeros([tokens, torch.size(g, 1)], dtype=ops.prim.dtype(g), layout=None, device=ops.prim.device(g))
    return torch.scatter_(zeros, 0, places, g)

  # x / max(|x|, 1e-12) along the last dimension, as torch.nn.functional.normalize.
  def length(self: __torch__.PoolingKernels, x: Tensor) -> Tensor:
    return torch.clamp_min_(torch.linalg_vector_norm(x, 2, [-1], True, dtype=6), 1.0e-12)
  def unit(self: __torch__.PoolingKernels, x: Tensor) -> Tensor:
    return torch.to(torch.div(torch.to(x, 6), self.length(x)), ops.prim.dtype(x))
  # With y = x / |x|: (g - y (g y)) / |x|.
  def unit_gradient(self: __torch__.PoolingKernels, g: Tensor, x: Tensor) -> Tensor:
    n = self.length(x)
    y = torch.div(torch.to(x, 6), n)
    h = torch.to(g, 6)
    along = torch.sum(torch.mul(h, y), [-1], True, dtype=6)
    return torch.to(torch.div(torch.sub(h, torch.mul(y, along)), n), ops.prim.dtype(x))
