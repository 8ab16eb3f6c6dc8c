package io.github.peft4j.models.generate;

/** Is told of each new token at once, as streamed output needs. */
@FunctionalInterface
public interface TokenListener {

    /**
     * Takes a new token; an exception ends the generation.
     *
     * @param prompt number of the prompt that it continues, from 0 on
     * @param id the token
     */
    void token(int prompt, int id);
}
