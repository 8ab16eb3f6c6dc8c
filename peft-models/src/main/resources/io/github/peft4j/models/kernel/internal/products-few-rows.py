  # In place of the methods of products-onednn.py where no product has rows enough to be made in pieces: the questions that those ask count
  # for a new token.
  def linear(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Optional[Tensor], onednn: bool) -> Tensor:
    return self.by_onednn(x, w, b)
  def linear_add(self: __torch__.Kernels, x: Tensor, w: Tensor, other: Tensor, onednn: bool) -> Tensor:
    return self.by_onednn_add(x, w, other)
