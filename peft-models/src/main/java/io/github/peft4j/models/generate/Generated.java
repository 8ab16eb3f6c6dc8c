package io.github.peft4j.models.generate;

/**
 * The continuation of one prompt.
 *
 * @param ids the new tokens; where the reason is {@link StopReason#STOP}, the last of them is the one that ended the text
 * @param reason why there are no more
 */
public record Generated(int[] ids, StopReason reason) {}
