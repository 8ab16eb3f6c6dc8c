package io.github.peft4j.models.text.internal.folder;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tokens on top of a vocabulary, and the ids they get; ids are given as the tokenizers library gives them. */
public final class AddedTokens {

    private final Map<String, Integer> vocabulary;
    private final List<AddedToken> history = new ArrayList<>();
    private final Map<String, AddedToken> tokens = new LinkedHashMap<>();
    private final Map<String, Integer> ids = new LinkedHashMap<>();
    private int largest = -1;
    private int fresh;

    /**
     * No tokens yet.
     *
     * @param vocabulary the model's own tokens
     */
    AddedTokens(Map<String, Integer> vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Adds a token, or gives one that is there already other properties. */
    void add(AddedToken token) {
        String content = token.content();
        if (content.isEmpty() || token.equals(tokens.put(content, token))) {
            return;
        }
        history.add(token);
        if (!ids.containsKey(content)) {
            Integer own = vocabulary.get(content);
            int id = own == null ? Math.max(largest + 1, vocabulary.size()) : own;
            largest = Math.max(largest, id);
            fresh += own == null ? 1 : 0;
            ids.put(content, id);
        }
    }

    /** Whether a token is there with the same properties. */
    boolean holds(AddedToken token) {
        return token.equals(tokens.get(token.content()));
    }

    /** Whether a token is there, with whatever properties. */
    boolean contains(AddedToken token) {
        return tokens.containsKey(token.content());
    }

    public List<AddedToken> all() {
        return new ArrayList<>(tokens.values());
    }

    /** Every change in order. The library does not forget that a token once was special, so it must see them all. */
    public List<AddedToken> history() {
        return history;
    }

    /** The same vocabulary and tokens, to be added to. */
    AddedTokens copy() {
        AddedTokens copy = new AddedTokens(vocabulary);
        history.forEach(copy::add);
        return copy;
    }

    /** Ids by content, in the order of adding. */
    public Map<String, Integer> ids() {
        return ids;
    }

    /** The vocabulary's size together with what was added to it. */
    public int size() {
        return vocabulary.size() + fresh;
    }
}
