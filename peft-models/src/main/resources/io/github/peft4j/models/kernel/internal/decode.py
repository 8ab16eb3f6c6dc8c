  # One new token of each of B rows. x [B, D]; q [B, H Dh]; k and v [B, K Dh]; a row's keys and values so far lie head by head in buffers
  # [K, C, Dh], of which the first `past` places are filled. At this size an operator costs what it costs to call, so these do the work of
  # kernels.py in fewer of them.

  # RMSNorm as the layer norm of x beside -x, whose mean is nothing and whose variance is mean(x^2). pair [2, D] holds the weight twice,
  # signs [1, 2, 1] is 1 and -1. x may be heads [B, H, D].
  def token_rms_norm(self: __torch__.Kernels, x: Tensor, pair: Tensor, signs: Tensor, eps: float) -> Tensor:
    y = torch.layer_norm(torch.mul(torch.unsqueeze(x, -2), signs), torch.size(pair), pair, None, eps, False)
    return torch.contiguous(torch.select(y, -2, 0))

  # Rotary embedding of queries and keys together; c and s as for `rotary`.
  def token_rotary(self: __torch__.Kernels, q: Tensor, k: Tensor, c: Tensor, s: Tensor) -> Tuple[Tensor, Tensor]:
    rows = torch.size(q, 0)
    dh = torch.size(c, 2)
    x = torch.reshape(torch.cat([torch.reshape(q, [rows, -1]), torch.reshape(k, [rows, -1])], 1), [rows, -1, dh])
    y = torch.addcmul_(torch.mul(x, c), torch.roll(x, [dh // 2], [2]), s)
    heads = torch.numel(q) // (rows * dh)
    return (torch.narrow(y, 1, 0, heads), torch.narrow(y, 1, heads, torch.size(y, 1) - heads))

  # The same where the tables are narrower than the heads: the rest of each head stays.
  def token_rotary_partial(self: __torch__.Kernels, q: Tensor, k: Tensor, c: Tensor, s: Tensor, dh: int) -> Tuple[Tensor, Tensor]:
    rows = torch.size(q, 0)
    x = torch.reshape(torch.cat([torch.reshape(q, [rows, -1]), torch.reshape(k, [rows, -1])], 1), [rows, -1, dh])
    y = self.rotary_partial(x, c, s)
    heads = torch.numel(q) // (rows * dh)
    return (torch.narrow(y, 1, 0, heads), torch.narrow(y, 1, heads, torch.size(y, 1) - heads))

  # softmax(q k^T scale + bias) v of one query per head: q [H, Dh]; k, v [K, S, Dh]; bias [K, H / K, S]; a cap
  # above 0 bounds the scores. Returns [1, H Dh].
  def token_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, bias: Optional[Tensor], scale: float, cap: float) -> Tensor:
    groups = torch.size(k, 0)
    dh = torch.size(k, 2)
    q3 = torch.reshape(q, [groups, -1, dh])
    if cap > 0.:
      p = torch.mul_(self.squashed_scores(q3, k, scale, cap), cap)
      if bias is not None:
        p = torch.add_(p, unchecked_cast(Tensor, bias))
      y = torch.bmm(torch.softmax(p, -1), v)
    elif torch.lt(torch.size(q3, 1), 3) and torch.eq(ops.prim.dtype(q), 15) and torch.__not__(ops.prim.is_cuda(q)):
      # The CPU's tiled kernel wants several queries per head; in bfloat16 the products are faster with the keys in front.
      p = torch.mul_(torch.bmm(k, torch.transpose(q3, 1, 2)), scale)
      if bias is not None:
        p = torch.add_(p, torch.transpose(unchecked_cast(Tensor, bias), 1, 2))
      y = torch.bmm(torch.transpose(torch.softmax(p, 1), 1, 2), v)
    else:
      mask = bias
      if bias is not None:
        mask = torch.unsqueeze(unchecked_cast(Tensor, bias), 0)
      y = torch.scaled_dot_product_attention(torch.unsqueeze(q3, 0), torch.unsqueeze(k, 0), torch.unsqueeze(v, 0), mask, 0., False, scale=scale)
    return torch.reshape(y, [1, -1])

  # Puts each row's key and value at the end of its buffers and attends to the last `window` places of them (0: to all). Row r's buffers
  # are number layer * B + r of the lists. bias [K, H / K, S] for the longest row's S: a row uses the first of its columns.
  def token_attend(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, keys: List[Tensor], values: List[Tensor], layer: int, past: List[int], window: int, bias: Optional[Tensor], scale: float, cap: float) -> Tensor:
    rows = torch.len(past)
    outcomes = annotate(List[Tensor], [])
    for r in range(rows):
      key = keys[layer * rows + r]
      value = values[layer * rows + r]
      shape = [torch.size(key, 0), 1, torch.size(key, 2)]
      _0 = torch.copy_(torch.narrow(key, 1, past[r], 1), torch.reshape(torch.select(k, 0, r), shape))
      _1 = torch.copy_(torch.narrow(value, 1, past[r], 1), torch.reshape(torch.select(v, 0, r), shape))
      size = past[r] + 1
      first = 0
      if window > 0:
        first = max(0, size - window)
      near = bias
      if bias is not None:
        near = torch.narrow(unchecked_cast(Tensor, bias), 2, first, size - first)
      outcome = self.token_attention(torch.select(q, 0, r), torch.narrow(key, 1, first, size - first), torch.narrow(value, 1, first, size - first), near, scale, cap)
      _2 = torch.append(outcomes, outcome)
    if rows == 1:
      y = outcomes[0]
    else:
      y = torch.cat(outcomes, 0)
    return y
