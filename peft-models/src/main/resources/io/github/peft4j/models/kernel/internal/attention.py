  # Attention. Shapes as in kernels.py: N tokens of all rows end to end, n of one row, H heads, K key/value heads, J = H / K, Dh head size, S keys of a row.
  # Which of `size` keys are hidden from n queries that follow `past` of them, [n, size]: later ones where attention is causal, and those beyond
  # the window, which reaches to both sides where it is not; a window of 0 means none.
  def hidden_keys(self: __torch__.Kernels, like: Tensor, n: int, past: int, size: int, causal: bool, window: int) -> Tensor:
    d = ops.prim.device(like)
    q = torch.unsqueeze(torch.arange(past, past + n, dtype=4, layout=None, device=d), 1)
    k = torch.unsqueeze(torch.arange(size, dtype=4, layout=None, device=d), 0)
    if causal:
      hidden = torch.gt(k, q)
    else:
      hidden = torch.zeros([n, size], dtype=11, layout=None, device=d)
    if window > 0:
      hidden = torch.logical_or(hidden, torch.le(k, torch.sub(q, window)))
      if not causal:
        hidden = torch.logical_or(hidden, torch.ge(k, torch.add(q, window)))
    return hidden
  # Additive mask [1 or K, J*n, S] of a row of n queries that follow `past` keys; slopes [H] add ALiBi. Where nothing is hidden, [1, 1, 1].
  def attention_mask(self: __torch__.Kernels, like: Tensor, n: int, past: int, causal: bool, window: int, groups: int, share: int, slopes: Optional[Tensor], dtype: int) -> Tensor:
    d = ops.prim.device(like)
    near = self.window_within(window, past + n)
    if causal or near > 0:
      result = self.hiding_mask(like, n, past, causal, near, groups, share, slopes, dtype)
    else:
      result = torch.zeros([1, 1, 1], dtype=dtype, layout=None, device=d)
    return result
  def hiding_mask(self: __torch__.Kernels, like: Tensor, n: int, past: int, causal: bool, window: int, groups: int, share: int, slopes: Optional[Tensor], dtype: int) -> Tensor:
    size = past + n
    d = ops.prim.device(like)
    mask = torch.masked_fill(torch.zeros([n, size], dtype=6, layout=None, device=d), self.hidden_keys(like, n, past, size, causal, window), -3.0e38)
    if slopes is None:
      full = torch.repeat(mask, [share, 1])
      result = torch.unsqueeze(full, 0)
    else:
      sl = unchecked_cast(Tensor, slopes)
      places = torch.arange(size, dtype=6, layout=None, device=d)
      bias = torch.to(torch.mul(torch.reshape(sl, [groups, share, 1, 1]), torch.reshape(places, [1, 1, 1, size])), dtype)
      total = torch.add(torch.to(bias, 6), torch.reshape(mask, [1, 1, n, size]))
      result = torch.reshape(total, [groups, share * n, size])
    return torch.to(torch.masked_fill(result, torch.lt(result, -1.0e38), -inf), dtype)

  # [n, H, Dh] -> [K, J*n, Dh]
  def by_group(self: __torch__.Kernels, x: Tensor, groups: int) -> Tensor:
    n = torch.size(x, 0)
    share = torch.size(x, 1) // groups
    dh = torch.size(x, 2)
    return torch.reshape(torch.permute(torch.reshape(x, [n, groups, share, dh]), [1, 2, 0, 3]), [groups, share * n, dh])
  # [K, J*n, Dh] -> [n, H, Dh]
  def by_token(self: __torch__.Kernels, x: Tensor, n: int, heads: int) -> Tensor:
    groups = torch.size(x, 0)
    dh = torch.size(x, 2)
    return torch.reshape(torch.permute(torch.reshape(x, [groups, heads // groups, n, dh]), [2, 0, 1, 3]), [n, heads, dh])
  # [S, K, Dh] -> [1, H, S, Dh]
  def expand_heads(self: __torch__.Kernels, x: Tensor, heads: int) -> Tensor:
    s = torch.size(x, 0)
    g = torch.size(x, 1)
    dh = torch.size(x, 2)
    wide = torch.expand(torch.unsqueeze(x, 2), [s, g, heads // g, dh])
    return torch.unsqueeze(torch.permute(torch.reshape(wide, [s, heads, dh]), [1, 0, 2]), 0)

  # Keys or values of a row behind those of a prefix.
  def after_prefix(self: __torch__.Kernels, prefix: Optional[Tensor], x: Tensor) -> Tensor:
    if prefix is not None:
      y = torch.cat([unchecked_cast(Tensor, prefix), x], 0)
    else:
      y = x
    return y

  # Attention of each row by itself. q [M, H, Dh], queries[i] of row i; k, v [N, K, Dh], lengths[i] of it; prefix keys and values [P, K, Dh]
  # stand before every row, and with a shared_prefix row 0 stands before all others. Rows have fewer queries than keys only where nothing hides keys.
  # Returns the outcome [M, H, Dh] and, for backward, per row its probabilities [K, J*n, S] or what a long row keeps; the outcome once more,
  # last, if there is a tiled row.
  def attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, pk: Optional[Tensor], pv: Optional[Tensor], queries: List[int], lengths: List[int], masks: List[Tensor], scale: float, cap: float, causal: bool, window: int, slopes: Optional[Tensor], shared_prefix: bool, long_from: int, block: int, tiled_from: int) -> Tuple[Tensor, List[Tensor]]:
    out = torch.empty_like(q)
    saved = annotate(List[Tensor], [])
    tiled = False
    kb = pk
    vb = pv
    start = 0
    asked = 0
    for i in range(torch.len(lengths)):
      n = lengths[i]
      m = queries[i]
      qr = torch.narrow(q, 0, asked, m)
      kr = self.after_prefix(kb, torch.narrow(k, 0, start, n))
      vr = self.after_prefix(vb, torch.narrow(v, 0, start, n))
      if shared_prefix and i == 0:
        kb = kr
        vb = vr
      if torch.size(kr, 0) < long_from:
        o, kept = self.masked_attention(qr, kr, vr, masks[i], scale, cap)
      else:
        near = self.window_within(window, torch.size(kr, 0))
        if self.is_tiled(qr, kr, cap, near, slopes, tiled_from):
          o, kept = self.tiled_attention(qr, kr, vr, scale, causal)
          tiled = True
        else:
          o = self.blocked_attention(qr, kr, vr, scale, cap, causal, near, slopes, block)
          kept = torch.empty([0], dtype=6, layout=None, device=ops.prim.device(q))
      _0 = torch.copy_(torch.narrow(out, 0, asked, m), o)
      _1 = torch.append(saved, kept)
      start = start + n
      asked = asked + m
    if tiled:
      _2 = torch.append(saved, out)
    return (out, saved)
  # Gradients of q, k, v and, where there is a prefix, of its keys and values (otherwise empty tensors).
  def attention_gradient(self: __torch__.Kernels, g: Tensor, q: Tensor, k: Tensor, v: Tensor, pk: Optional[Tensor], pv: Optional[Tensor], queries: List[int], lengths: List[int], saved: List[Tensor], scale: float, cap: float, causal: bool, window: int, slopes: Optional[Tensor], shared_prefix: bool, long_from: int, block: int, tiled_from: int) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    dq = torch.empty_like(q)
    dk = torch.empty_like(k)
    dv = torch.empty_like(v)
    kb = pk
    vb = pv
    prefix = 0
    if pk is not None:
      prefix = torch.size(unchecked_cast(Tensor, pk), 0)
    opened = 0
    if shared_prefix:
      opened = lengths[0]
    # Of what stands before rows: the prefix, and behind it the shared prefix.
    dkb = torch.zeros([prefix + opened, torch.size(k, 1), torch.size(k, 2)], dtype=6, layout=None, device=ops.prim.device(q))
    dvb = torch.zeros_like(dkb)
    past = prefix
    start = 0
    asked = 0
    for i in range(torch.len(lengths)):
      n = lengths[i]
      m = queries[i]
      qr = torch.narrow(q, 0, asked, m)
      kr = self.after_prefix(kb, torch.narrow(k, 0, start, n))
      vr = self.after_prefix(vb, torch.narrow(v, 0, start, n))
      gr = torch.narrow(g, 0, asked, m)
      if torch.size(kr, 0) < long_from:
        dqr, dkr, dvr = self.masked_attention_gradient(gr, qr, kr, vr, saved[i], scale, cap)
      else:
        near = self.window_within(window, torch.size(kr, 0))
        if self.is_tiled(qr, kr, cap, near, slopes, tiled_from):
          dqr, dkr, dvr = self.tiled_attention_gradient(gr, torch.narrow(saved[torch.len(lengths)], 0, asked, m), qr, kr, vr, saved[i], scale, causal)
        else:
          dqr, dkr, dvr = self.blocked_attention_gradient(gr, qr, kr, vr, scale, cap, causal, near, slopes, block)
      _0 = torch.copy_(torch.narrow(dq, 0, asked, m), dqr)
      if shared_prefix and i == 0:
        kb = kr
        vb = vr
        past = prefix + n
      else:
        _1 = torch.copy_(torch.narrow(dk, 0, start, n), torch.narrow(dkr, 0, past, n))
        _2 = torch.copy_(torch.narrow(dv, 0, start, n), torch.narrow(dvr, 0, past, n))
      if past > 0:
        _3 = torch.add_(dkb, torch.narrow(dkr, 0, 0, past))
        _4 = torch.add_(dvb, torch.narrow(dvr, 0, 0, past))
      start = start + n
      asked = asked + m
    if shared_prefix:
      _5 = torch.copy_(torch.narrow(dk, 0, 0, opened), torch.narrow(dkb, 0, prefix, opened))
      _6 = torch.copy_(torch.narrow(dv, 0, 0, opened), torch.narrow(dvb, 0, prefix, opened))
    return (dq, dk, dv, torch.narrow(dkb, 0, 0, prefix), torch.narrow(dvb, 0, 0, prefix))
  # One row against all keys so far: q [n, H, Dh], k and v [S, K, Dh].
  def cached_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, scale: float, cap: float, window: int, slopes: Optional[Tensor], long_from: int, block: int) -> Tensor:
    if torch.size(q, 0) < long_from:
      o, p = self.masked_attention(q, k, v, mask, scale, cap)
    else:
      o = self.blocked_attention(q, k, v, scale, cap, True, self.window_within(window, torch.size(k, 0)), slopes, block)
    return o

  # Rows that keep their probabilities [K, J*n, S]: q [n, H, Dh], k and v [S, K, Dh].
  def masked_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, scale: float, cap: float) -> Tuple[Tensor, Tensor]:
    q3 = self.by_group(q, torch.size(k, 1))
    key = self.to_turn(k)
    if cap > 0.:
      s = torch.add(torch.mul_(self.squashed_scores(q3, key, scale, cap), cap), mask)
    else:
      # A mask of one value hides nothing.
      beta = 1
      if torch.eq(torch.numel(mask), 1):
        beta = 0
      s = torch.baddbmm(mask, q3, torch.transpose(key, 1, 2), beta=beta, alpha=scale)
    p = self.probabilities(s)
    return (self.by_token(torch.bmm(p, torch.transpose(v, 0, 1)), torch.size(q, 0), torch.size(q, 1)), p)
  def masked_attention_gradient(self: __torch__.Kernels, g: Tensor, q: Tensor, k: Tensor, v: Tensor, p: Tensor, scale: float, cap: float) -> Tuple[Tensor, Tensor, Tensor]:
    groups = torch.size(k, 1)
    q3 = self.by_group(q, groups)
    g3 = self.by_group(g, groups)
    dv = torch.transpose(torch.bmm(torch.transpose(p, 1, 2), g3), 0, 1)
    ds = torch.mul_(torch._softmax_backward_data(torch.bmm(g3, torch.transpose(self.to_turn(v), 1, 2)), p, -1, ops.prim.dtype(p)), scale)
    if cap > 0.:
      ds = self.uncapped_gradient(ds, q3, torch.transpose(k, 0, 1), scale, cap)
    dq = self.by_token(torch.bmm(ds, torch.transpose(k, 0, 1)), torch.size(q, 0), torch.size(q, 1))
    return (dq, torch.transpose(torch.bmm(torch.transpose(ds, 1, 2), q3), 0, 1), dv)
  def is_half_on_host(self: __torch__.Kernels, x: Tensor) -> bool:
    return torch.ne(ops.prim.dtype(x), 6) and torch.__not__(ops.prim.is_cuda(x))
  # [S, K, Dh] -> [K, S, Dh], for a product with what is turned once more: on a processor one of 16 bits takes only values that lie in order,
  # and would bring them there one by one.
  def to_turn(self: __torch__.Kernels, x: Tensor) -> Tensor:
    y = torch.transpose(x, 0, 1)
    if self.is_half_on_host(x):
      y = torch.contiguous(y)
    return y
  # Softmax over the keys; on a processor of 16-bit scores in float32 and rounded behind it, since torch's own takes what is left over of a
  # number of keys that fills no whole vectors one by one, at half the speed.
  def probabilities(self: __torch__.Kernels, s: Tensor) -> Tensor:
    if self.is_half_on_host(s):
      p = torch.to(torch.softmax(s, -1, 6), ops.prim.dtype(s))
    else:
      p = torch.softmax(s, -1)
    return p

  # Scores with a soft cap are cap * tanh(q k^T scale / cap): here without the factor in front. q3 [K, J*n, Dh], k [K, S, Dh].
  def squashed_scores(self: __torch__.Kernels, q3: Tensor, k: Tensor, scale: float, cap: float) -> Tensor:
    return torch.tanh_(torch.mul_(torch.bmm(q3, torch.transpose(k, 1, 2)), scale / cap))
  # The gradient of scores without their cap from that of those with it; in place.
  def uncapped_gradient(self: __torch__.Kernels, ds: Tensor, q3: Tensor, k: Tensor, scale: float, cap: float) -> Tensor:
    t = self.squashed_scores(q3, k, scale, cap)
    return torch.mul_(ds, torch.rsub(torch.mul_(t, t), 1., 1))

  # Rows too long to keep their probabilities, a block of queries at a time against those keys that it sees; backward computes the
  # probabilities again.
  # A window that holds all keys hides none: 0.
  def window_within(self: __torch__.Kernels, window: int, keys: int) -> int:
    near = window
    if window >= keys:
      near = 0
    return near
  def first_seen(self: __torch__.Kernels, past: int, window: int) -> int:
    first = 0
    if window > 0:
      first = ops.prim.max(0, past - window + 1)
    return first
  # 0 for the same and earlier places, -inf for later ones.
  def later_hidden(self: __torch__.Kernels, like: Tensor, n: int) -> Tensor:
    return torch.triu(torch.full([n, n], -inf, dtype=ops.prim.dtype(like), layout=None, device=ops.prim.device(like)), 1)
  # Behind the last key that some of m queries which follow `past` of `keys` keys see.
  def end_seen(self: __torch__.Kernels, past: int, m: int, keys: int, causal: bool, window: int) -> int:
    end = keys
    if causal:
      end = past + m
    else:
      if window > 0:
        end = ops.prim.min(keys, past + m + window - 1)
    return end
  # Of a block q3 [K, J*m, Dh] of m queries that follow `past` keys, over k [K, S, Dh] from the first seen on. ALiBi's bias counts from the
  # block's end, since 16 bits tell small numbers apart best: what is added to all keys of a query alters nothing.
  def block_probabilities(self: __torch__.Kernels, q3: Tensor, k: Tensor, m: int, past: int, scale: float, cap: float, causal: bool, window: int, slopes: Optional[Tensor], later: Tensor) -> Tensor:
    groups = torch.size(q3, 0)
    share = torch.size(q3, 1) // m
    first = self.first_seen(past, window)
    seen = self.end_seen(past, m, torch.size(k, 1), causal, window) - first
    if cap > 0.:
      s = torch.mul_(self.squashed_scores(q3, torch.narrow(k, 1, first, seen), scale, cap), cap)
    else:
      unused = torch.unsqueeze(torch.narrow(torch.narrow(later, 0, 0, 1), 1, 0, 1), 0)
      s = torch.baddbmm(unused, q3, torch.transpose(torch.narrow(k, 1, first, seen), 1, 2), beta=0, alpha=scale)
    heads = torch.reshape(s, [groups, share, m, seen])
    if slopes is not None:
      distance = torch.arange(1 - seen, 1, dtype=6, layout=None, device=ops.prim.device(q3))
      _0 = torch.add_(heads, torch.to(torch.mul(torch.reshape(unchecked_cast(Tensor, slopes), [groups, share, 1, 1]), distance), ops.prim.dtype(q3)))
    if window > 0:
      _1 = torch.masked_fill_(heads, self.hidden_keys(q3, m, past - first, seen, causal, window), -inf)
    else:
      if causal:
        _2 = torch.add_(torch.narrow(heads, 3, past, m), torch.narrow(torch.narrow(later, 0, 0, m), 1, 0, m))
    return torch.softmax(s, -1)
  def blocked_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, scale: float, cap: float, causal: bool, window: int, slopes: Optional[Tensor], block: int) -> Tensor:
    n = torch.size(q, 0)
    before = torch.size(k, 0) - n
    groups = torch.size(k, 1)
    key = torch.contiguous(torch.transpose(k, 0, 1))
    value = torch.contiguous(torch.transpose(v, 0, 1))
    later = self.later_hidden(q, ops.prim.min(block, n))
    out = torch.empty_like(q)
    start = 0
    while start < n:
      m = ops.prim.min(block, n - start)
      q3 = self.by_group(torch.narrow(q, 0, start, m), groups)
      p = self.block_probabilities(q3, key, m, before + start, scale, cap, causal, window, slopes, later)
      first = self.first_seen(before + start, window)
      o = torch.bmm(p, torch.narrow(value, 1, first, torch.size(p, 2)))
      _0 = torch.copy_(torch.narrow(out, 0, start, m), self.by_token(o, m, torch.size(q, 1)))
      start = start + m
    return out
  # Gradients of keys and values are summed over blocks in float32, and returned so.
  def blocked_attention_gradient(self: __torch__.Kernels, g: Tensor, q: Tensor, k: Tensor, v: Tensor, scale: float, cap: float, causal: bool, window: int, slopes: Optional[Tensor], block: int) -> Tuple[Tensor, Tensor, Tensor]:
    n = torch.size(q, 0)
    before = torch.size(k, 0) - n
    groups = torch.size(k, 1)
    key = torch.contiguous(torch.transpose(k, 0, 1))
    value = torch.contiguous(torch.transpose(v, 0, 1))
    later = self.later_hidden(q, ops.prim.min(block, n))
    dq = torch.empty_like(q)
    dk = torch.zeros_like(key, dtype=6)
    dv = torch.zeros_like(key, dtype=6)
    start = 0
    while start < n:
      m = ops.prim.min(block, n - start)
      q3 = self.by_group(torch.narrow(q, 0, start, m), groups)
      g3 = self.by_group(torch.narrow(g, 0, start, m), groups)
      p = self.block_probabilities(q3, key, m, before + start, scale, cap, causal, window, slopes, later)
      first = self.first_seen(before + start, window)
      seen = torch.size(p, 2)
      _0 = torch.add_(torch.narrow(dv, 1, first, seen), torch.bmm(torch.transpose(p, 1, 2), g3))
      dp = torch.bmm(g3, torch.transpose(torch.narrow(value, 1, first, seen), 1, 2))
      ds = torch._softmax_backward_data(dp, p, -1, ops.prim.dtype(p))
      if cap > 0.:
        ds = self.uncapped_gradient(ds, q3, torch.narrow(key, 1, first, seen), scale, cap)
      _1 = torch.add_(torch.narrow(dk, 1, first, seen), torch.bmm(torch.transpose(ds, 1, 2), q3))
      d3 = torch.mul_(torch.bmm(ds, torch.narrow(key, 1, first, seen)), scale)
      _2 = torch.copy_(torch.narrow(dq, 0, start, m), self.by_token(d3, m, torch.size(q, 1)))
      start = start + m
    return (dq, torch.transpose(torch.mul_(dk, scale), 0, 1), torch.transpose(dv, 0, 1))

  # torch's tiled CPU attention, which keeps one log-sum-exp per query: the faster one for very long rows in float32 that see all that is before.
  def is_tiled(self: __torch__.Kernels, q: Tensor, k: Tensor, cap: float, window: int, slopes: Optional[Tensor], tiled_from: int) -> bool:
    n = torch.size(q, 0)
    tiled = False
    if slopes is None:
      tiled = n >= tiled_from and cap == 0. and torch.size(k, 0) == n and window == 0 and ops.prim.dtype(q) == 6 and not ops.prim.is_cuda(q)
    return tiled
  def tiled_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, scale: float, causal: bool) -> Tuple[Tensor, Tensor]:
    h = torch.size(q, 1)
    o, lse = torch._scaled_dot_product_flash_attention_for_cpu(torch.unsqueeze(torch.permute(q, [1, 0, 2]), 0), self.expand_heads(k, h), self.expand_heads(v, h), 0., causal, attn_mask=None, scale=scale)
    return (torch.permute(torch.select(o, 0, 0), [1, 0, 2]), lse)
  def tiled_attention_gradient(self: __torch__.Kernels, g: Tensor, o: Tensor, q: Tensor, k: Tensor, v: Tensor, lse: Tensor, scale: float, causal: bool) -> Tuple[Tensor, Tensor, Tensor]:
    h = torch.size(q, 1)
    groups = torch.size(k, 1)
    shape = [groups, -1, torch.size(k, 0), torch.size(k, 2)]
    g4 = torch.contiguous(torch.unsqueeze(torch.permute(g, [1, 0, 2]), 0))
    o4 = torch.unsqueeze(torch.permute(o, [1, 0, 2]), 0)
    q4 = torch.unsqueeze(torch.permute(q, [1, 0, 2]), 0)
    dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(g4, q4, self.expand_heads(k, h), self.expand_heads(v, h), o4, lse, 0., causal, attn_mask=None, scale=scale)
    dks = torch.permute(torch.sum(torch.reshape(dk, shape), [1]), [1, 0, 2])
    dvs = torch.permute(torch.sum(torch.reshape(dv, shape), [1]), [1, 0, 2])
    return (torch.permute(torch.select(dq, 0, 0), [1, 0, 2]), dks, dvs)

  # Fused projection laid out per head as [q, k, v] (Bloom) or as three blocks (GPT-2), of which those of keys and values may have fewer heads.
  def split_interleaved(self: __torch__.Kernels, x: Tensor, heads: int) -> Tuple[Tensor, Tensor, Tensor]:
    y = torch.reshape(x, [torch.size(x, 0), heads, 3, torch.size(x, 1) // (3 * heads)])
    return (torch.contiguous(torch.select(y, 2, 0)), torch.contiguous(torch.select(y, 2, 1)), torch.contiguous(torch.select(y, 2, 2)))
  def join_interleaved(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return torch.reshape(torch.stack([q, k, v], 2), [torch.size(q, 0), 3 * torch.size(q, 1) * torch.size(q, 2)])
  def split_blocks(self: __torch__.Kernels, x: Tensor, heads: int, groups: int) -> Tuple[Tensor, Tensor, Tensor]:
    all = heads + 2 * groups
    y = torch.reshape(x, [torch.size(x, 0), all, torch.size(x, 1) // all])
    return (torch.contiguous(torch.narrow(y, 1, 0, heads)), torch.contiguous(torch.narrow(y, 1, heads, groups)), torch.contiguous(torch.narrow(y, 1, heads + groups, groups)))
  def join_blocks(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    y = torch.cat([q, k, v], 1)
    return torch.reshape(y, [torch.size(y, 0), torch.size(y, 1) * torch.size(y, 2)])
