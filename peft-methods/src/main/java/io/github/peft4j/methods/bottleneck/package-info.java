/**
 * Bottleneck adapters: behind a block's feed-forward part, and behind its attention too, what comes out passes a small network of two
 * layers with a narrow waist, and the result is added to it. The network begins as nothing. It cannot be merged, so it costs time in use
 * as well; in return it can learn what no change of a weight can. Houlsby's variant has two per block, Pfeiffer's one.
 *
 * <p>Start with {@link io.github.peft4j.methods.bottleneck.BottleneckConfig}.
 *
 * @see <a href="https://arxiv.org/abs/1902.00751">Houlsby et al. 2019</a>
 * @see <a href="https://arxiv.org/abs/2005.00247">Pfeiffer et al. 2021</a>
 */
@NullMarked
package io.github.peft4j.methods.bottleneck;

import org.jspecify.annotations.NullMarked;
