  # How Hugging Face's logits_process.py changes scores, float32 [B, V], here in place; "out" is a score of -inf.

  # RepetitionPenaltyLogitsProcessor: seen[r] holds the ids that row r has so far; an id twice is penalised once.
  def penalize(self: __torch__.ScoreKernels, scores: Tensor, seen: List[Tensor], penalty: float) -> Tensor:
    for r in range(torch.len(seen)):
      row = torch.select(scores, 0, r)
      s = torch.index_select(row, 0, seen[r])
      _0 = torch.index_copy_(row, 0, seen[r], torch.where(torch.lt(s, 0), torch.mul(s, penalty), torch.div(s, penalty)))
    return scores

  # MinNewTokensLengthLogitsProcessor: these ids are out in these rows.
  def suppress(self: __torch__.ScoreKernels, scores: Tensor, rows: List[int], ids: Tensor) -> Tensor:
    for i in range(torch.len(rows)):
      _0 = torch.index_fill_(torch.select(scores, 0, rows[i]), 0, ids, -inf)
    return scores

  # TemperatureLogitsWarper
  def temper(self: __torch__.ScoreKernels, scores: Tensor, temperature: float) -> Tensor:
    return torch.div_(scores, temperature)

  # TopKLogitsWarper: out is what lies below the k-th largest score, so that scores equal to it stay.
  def top_k(self: __torch__.ScoreKernels, scores: Tensor, k: int) -> Tensor:
    best, ids = torch.topk(scores, min(k, torch.size(scores, -1)))
    return torch.masked_fill_(scores, torch.lt(scores, torch.narrow(best, 1, torch.size(best, 1) - 1, 1)), -inf)

  # TopPLogitsWarper: from the least likely on, out is what adds up to 1 - p or less; the likeliest always stays. Of equals at the edge
  # those with the lowest ids are out; Hugging Face leaves that to an unstable sort. What is out already adds nothing to the sums, so it
  # need not be sorted.
  def top_p(self: __torch__.ScoreKernels, scores: Tensor, p: float) -> Tensor:
    for r in range(torch.size(scores, 0)):
      row = torch.select(scores, 0, r)
      ids = torch.squeeze(torch.nonzero(torch.ne(row, -inf)), 1)
      sorted, order = torch.sort(torch.index_select(row, 0, ids), stable=True, dim=-1, descending=False)
      out = torch.le(torch.cumsum(torch.softmax(sorted, -1), -1), 1. - p)
      _0 = torch.fill_(torch.narrow(out, 0, torch.numel(ids) - 1, 1), False)
      _1 = torch.index_fill_(row, 0, torch.masked_select(torch.index_select(ids, 0, order), out), -inf)
    return scores

  # The likeliest token of each row, the first of equals; -1 where the scores are not finite.
  def best(self: __torch__.ScoreKernels, scores: Tensor) -> Tensor:
    value, id = torch.max(scores, 1, False)
    return torch.where(torch.isfinite(value), id, torch.full_like(id, -1))

  # The token whose share of the line from 0 to the sum of probabilities holds the point at draws[r] / 2^52 of it; shares lie in the order
  # of ids. -1 where the scores are not finite.
  def draw(self: __torch__.ScoreKernels, scores: Tensor, draws: Tensor) -> Tensor:
    line = torch.cumsum(torch.softmax(scores, -1), -1, dtype=7)
    end = torch.narrow(line, 1, torch.size(line, 1) - 1, 1)
    point = torch.mul(torch.mul(torch.to(torch.unsqueeze(draws, 1), 7), 2.220446049250313e-16), end)
    id = torch.squeeze(torch.searchsorted(line, point, right=True), 1)
    return torch.where(torch.isfinite(torch.squeeze(end, 1)), id, torch.full_like(id, -1))
