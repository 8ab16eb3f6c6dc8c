package io.github.peft4j.models.text.internal.checks;

import io.github.peft4j.models.internal.message.Printable;

/**
 * The section {@code added_tokens}: tokens that are found in a text before anything else is done to it.
 *
 * <table>
 * <caption>What ends the process or takes its time, tokenizers 0.21.4</caption>
 * <tr><th>token</th><th>where</th><th>kept out by</th></tr>
 * <tr><td>looked for after normalization, which leaves nothing of it</td><td>added_vocabulary.rs:437</td><td>{@link Removals}</td></tr>
 * <tr><td>blanks that take blanks before them along, behind a token that took them already</td><td>added_vocabulary.rs:437</td><td>not both</td></tr>
 * <tr><td>a very long one: time with its square</td><td>AhoCorasickBuilder</td><td>{@value #LONGEST} bytes</td></tr>
 * <tr><td>very many: each is compared with each</td><td>added_vocabulary.rs:278</td><td>{@value #MOST}</td></tr>
 * </table>
 */
public final class AddedTokenChecks {

    private static final int LONGEST = 512;
    private static final int MOST = 70_000;
    private static final int LONGEST_NORMALIZED = 8192;
    private static final double MOST_BYTES = 1 << 22;

    private final Pipeline pipeline;
    private final Faults faults;
    private boolean takesBlanksBehind;
    private boolean isBlankTakingBlanks;
    private int count;
    private double bytes;

    /**
     * No tokens yet.
     *
     * @param pipeline what is done to texts
     * @param faults gets what is wrong with tokens
     */
    public AddedTokenChecks(Pipeline pipeline, Faults faults) {
        this.pipeline = pipeline;
        this.faults = faults;
    }

    /**
     * Checks a token.
     *
     * @param content the text that it stands for
     * @param leftStrip whether it takes blanks before it along
     * @param rightStrip whether it takes blanks behind it along
     * @param normalized whether it is looked for after normalization
     */
    public void add(String content, boolean leftStrip, boolean rightStrip, boolean normalized) {
        if (++count > MOST) {
            faults.add("added_tokens", "expected at most " + MOST);
            return;
        }
        String where = "the added token " + Printable.quoted(content);
        if (!Component.isUnicode(content)) {
            faults.add(where, "holds half of a surrogate pair");
            return;
        }
        int length = Component.utf8Length(content);
        double looked = normalized ? length * pipeline.written() : length;
        bytes += looked;
        if (length > LONGEST) {
            faults.add(where, "expected at most " + LONGEST + " bytes, found " + length);
        } else if (looked > LONGEST_NORMALIZED) {
            faults.add(
                    where,
                    "can be " + (long) looked + " bytes long once it is normalized, expected at most "
                            + LONGEST_NORMALIZED);
        } else if (bytes > MOST_BYTES) {
            faults.add("added_tokens", "are too large together");
        } else if (normalized && !pipeline.removals().leave(content)) {
            faults.add(where, "is looked for after normalization, which may leave nothing of it");
        }
        takesBlanksBehind |= rightStrip;
        isBlankTakingBlanks |= leftStrip
                && (normalized ? !pipeline.removals().leaveVisible(content) : !new Removals().leaveVisible(content));
        if (takesBlanksBehind && isBlankTakingBlanks) {
            faults.add(
                    "added_tokens",
                    "one is blank, or may be once it is normalized, and takes blanks before it along (lstrip), which another (rstrip) can have taken already");
        }
    }
}
