/**
 * What computes: TorchScript kernels in pairs, forward and backward, behind one typed Java face, and the tape that walks back.
 *
 * <p>Start with {@link io.github.peft4j.models.kernel.Kernels} (the numeric operations), then
 * {@link io.github.peft4j.models.kernel.internal.Tape} (how a backward pass is recorded) and
 * {@link io.github.peft4j.models.kernel.Scope} (who frees native memory). Torch's own autograd stays off except inside
 * {@link io.github.peft4j.models.kernel.internal.AutogradNode}.
 */
@NullMarked
package io.github.peft4j.models.kernel;

import org.jspecify.annotations.NullMarked;
