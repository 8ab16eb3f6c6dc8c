  # Values in blocks of a size, the last one filled up with zeros, over each block's largest absolute value; and those.
  def over_largest(self: __torch__.Kernels, flat: Tensor, size: int) -> Tuple[Tensor, Tensor]:
    rest = torch.remainder(torch.numel(flat), size)
    if rest > 0:
      full = torch.constant_pad_nd(flat, [0, size - rest], 0)
    else:
      full = flat
    b = torch.reshape(full, [-1, size])
    a = torch.amax(torch.abs(b), [1], False)
    return (torch.mul(b, torch.unsqueeze(torch.reciprocal(torch.clamp_min(a, 1.0e-37)), 1)), a)
  # NF4 (Dettmers et al. 2023): values in blocks of 64, each a 4-bit code times the block's largest absolute value. Eight codes lie in an
  # int32, the first in its lowest bits. `places` holds the powers of 16; midpoints between codes are `thresholds`, as bitsandbytes rounds.
  def nf4_pack(self: __torch__.Kernels, x: Tensor, thresholds: Tensor, places: Tensor) -> Tuple[Tensor, Tensor]:
    s, a = self.over_largest(torch.reshape(torch.to(x, 6), [-1]), 64)
    q = torch.reshape(torch.bucketize(s, thresholds), [-1, 8])
    return (torch.to(torch.sum(torch.mul(q, places), [1]), 3), a)
  # The blocks' largest values in 8 bits: what they are beyond their mean, in blocks of 256, as codes of `thresholds`' map.
  def scales_pack(self: __torch__.Kernels, a: Tensor, thresholds: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    m = torch.mean(a)
    s, a2 = self.over_largest(torch.sub(a, m), 256)
    return (torch.to(torch.bucketize(s, thresholds), 0), a2, m)
  def scales_values(self: __torch__.Kernels, q: Tensor, a2: Tensor, m: Tensor, code: Tensor) -> Tensor:
    known = torch.reshape(torch.index_select(code, 0, torch.to(torch.reshape(q, [-1]), 3)), [-1, 256])
    return torch.reshape(torch.add(torch.mul_(known, torch.unsqueeze(a2, 1)), m), [-1])
  # The table holds the four values of each 16 bits. In pieces, so that what passes stays in the cache.
  def nf4_values(self: __torch__.Kernels, packed: Tensor, a: Tensor, table: Tensor, rows: int, columns: int, dtype: int) -> Tensor:
    total = torch.numel(packed)
    out = torch.empty([8 * total], dtype=dtype, layout=None, device=ops.prim.device(packed))
    start = 0
    while start < total:
      c = ops.prim.min(65536, total - start)
      p = torch.narrow(packed, 0, start, c)
      low = torch.bitwise_and(p, 65535)
      high = torch.bitwise_and(torch.bitwise_right_shift(p, 16), 65535)
      index = torch.reshape(torch.stack([low, high], 1), [-1])
      v = torch.reshape(torch.index_select(table, 0, index), [-1, 64])
      scaled = torch.mul_(v, torch.unsqueeze(torch.narrow(a, 0, start // 8, c // 8), 1))
      _0 = torch.copy_(torch.reshape(torch.narrow(out, 0, 8 * start, 8 * c), [-1, 64]), scaled)
      start = start + c
    return torch.reshape(torch.narrow(out, 0, 0, rows * columns), [rows, columns])
  def nf4_nested_values(self: __torch__.Kernels, packed: Tensor, q: Tensor, a2: Tensor, m: Tensor, code: Tensor, table: Tensor, rows: int, columns: int, dtype: int) -> Tensor:
    return self.nf4_values(packed, self.scales_values(q, a2, m, code), table, rows, columns, dtype)

  # Int8: each row a number times whole numbers of at most 127.
  def int8_pack(self: __torch__.Kernels, x: Tensor) -> Tuple[Tensor, Tensor]:
    f = torch.to(x, 6)
    a = torch.amax(torch.abs(f), [1], True)
    factor = torch.mul(torch.reciprocal(torch.clamp_min(a, 1.0e-37)), 127.)
    return (torch.to(torch.round(torch.mul(f, factor)), 1), torch.div(a, 127.))
  def int8_values(self: __torch__.Kernels, packed: Tensor, a: Tensor, dtype: int) -> Tensor:
    total = torch.size(packed, 0)
    out = torch.empty([total, torch.size(packed, 1)], dtype=dtype, layout=None, device=ops.prim.device(packed))
    step = ops.prim.max(1, 1048576 // ops.prim.max(1, torch.size(packed, 1)))
    start = 0
    while start < total:
      c = ops.prim.min(step, total - start)
      scaled = torch.mul_(torch.to(torch.narrow(packed, 0, start, c), 6), torch.narrow(a, 0, start, c))
      _0 = torch.copy_(torch.narrow(out, 0, start, c), scaled)
      start = start + c
    return out

  # What bitsandbytes stores, its bytes four by four as float32: it keeps the first of two codes in a byte's upper half.
  def nf4_stored(self: __torch__.Kernels, x: Tensor) -> Tensor:
    bits = torch.set_(torch.empty([0], dtype=3, layout=None, device=ops.prim.device(x)), x)
    upper = torch.bitwise_left_shift(torch.bitwise_and(bits, 252645135), 4)
    return torch.bitwise_or(upper, torch.bitwise_and(torch.bitwise_right_shift(bits, 4), 252645135))
  def int8_stored(self: __torch__.Kernels, x: Tensor, rows: int, columns: int) -> Tensor:
    bytes = torch.set_(torch.empty([0], dtype=1, layout=None, device=ops.prim.device(x)), x, 0, [rows, columns], [columns, 1])
    return torch.clone(bytes)
  def to_bytes(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.to(x, 0, False, True)
