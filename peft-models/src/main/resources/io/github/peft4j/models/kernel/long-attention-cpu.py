  # Rows too long to keep their probabilities: torch's tiled CPU attention, which keeps one log-sum-exp per query. An empty mask hides later
  # keys and nothing else: tiles that are hidden whole are left out then.
  def long_mask(self: __torch__.Kernels, mask: Tensor, n: int, s: int, h: int) -> Optional[Tensor]:
    m = annotate(Optional[Tensor], None)
    if torch.numel(mask) > 0:
      whole = torch.reshape(mask, [1, -1, n, s])
      if torch.ne(torch.size(whole, 1), h):
        whole = torch.narrow(whole, 1, 0, 1)
      m = whole
    return m
  def long_attention(self: __torch__.Kernels, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, scale: float) -> Tuple[Tensor, Tensor]:
    n = torch.size(q, 0)
    h = torch.size(q, 1)
    m = self.long_mask(mask, n, torch.size(k, 0), h)
    o, lse = torch._scaled_dot_product_flash_attention_for_cpu(torch.unsqueeze(torch.permute(q, [1, 0, 2]), 0), self.expand_heads(k, h), self.expand_heads(v, h), 0., torch.numel(mask) == 0, attn_mask=m, scale=scale)
    return (torch.permute(torch.select(o, 0, 0), [1, 0, 2]), lse)
  def long_attention_gradient(self: __torch__.Kernels, g: Tensor, o: Tensor, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, lse: Tensor, scale: float) -> Tuple[Tensor, Tensor, Tensor]:
    n = torch.size(q, 0)
    h = torch.size(q, 1)
    s = torch.size(k, 0)
    groups = torch.size(k, 1)
    m = self.long_mask(mask, n, s, h)
    g4 = torch.contiguous(torch.unsqueeze(torch.permute(g, [1, 0, 2]), 0))
    o4 = torch.unsqueeze(torch.permute(o, [1, 0, 2]), 0)
    q4 = torch.unsqueeze(torch.permute(q, [1, 0, 2]), 0)
    dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(g4, q4, self.expand_heads(k, h), self.expand_heads(v, h), o4, lse, 0., torch.numel(mask) == 0, attn_mask=m, scale=scale)
    dkh = torch.sum(torch.reshape(dk, [groups, -1, s, torch.size(k, 2)]), [1])
    dvh = torch.sum(torch.reshape(dv, [groups, -1, s, torch.size(k, 2)]), [1])
    return (torch.permute(torch.select(dq, 0, 0), [1, 0, 2]), torch.permute(dkh, [1, 0, 2]), torch.permute(dvh, [1, 0, 2]))
