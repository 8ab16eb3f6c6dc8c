package io.github.peft4j.models.text.internal.checks;

/**
 * What a part of a tokenizer can cost at most.
 *
 * @param growth how many bytes a byte of text can become
 * @param longestText the longest text in characters for which its time is bounded
 */
record Cost(double growth, int longestText) {

    /** Neither more text nor more time than in proportion to the text. */
    static final Cost NONE = new Cost(1, Integer.MAX_VALUE);

    static Cost growing(double factor) {
        return new Cost(Math.max(1, factor), Integer.MAX_VALUE);
    }

    /** The cost of one part after the other. */
    Cost then(Cost other) {
        return new Cost(growth * other.growth, Math.min(longestText, other.longestText));
    }
}
