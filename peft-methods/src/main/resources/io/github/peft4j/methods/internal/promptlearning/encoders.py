  # All of it is run under torch's autograd: only operators that have gradients.
  # w: x [P, in], then weight and bias of each layer.
  def relu_layers(self: __torch__.EncoderKernels, w: List[Tensor]) -> Tensor:
    x = torch.linear(w[0], w[1], w[2])
    for i in range((torch.len(w) - 3) // 2):
      x = torch.linear(torch.relu(x), w[2 * i + 3], w[2 * i + 4])
    return x
  def tanh_layers(self: __torch__.EncoderKernels, w: List[Tensor]) -> Tensor:
    x = torch.linear(w[0], w[1], w[2])
    for i in range((torch.len(w) - 3) // 2):
      x = torch.linear(torch.tanh(x), w[2 * i + 3], w[2 * i + 4])
    return x
  # One layer in both directions from x [P, in] to [P, 2 Hd].
  def lstm(self: __torch__.EncoderKernels, x: Tensor, w: List[Tensor]) -> Tensor:
    hidden = torch.size(w[1], 1)
    zero = torch.zeros([2, 1, hidden], dtype=6, layout=None, device=ops.prim.device(x))
    y, h, c = torch.lstm(torch.unsqueeze(x, 0), [zero, zero], w, True, 1, 0., True, True, True)
    return torch.squeeze(y, 0)
