package io.github.peft4j.models.text.internal.checks;

import java.util.List;

/**
 * The section {@code pre_tokenizer}: how a text is split before the model sees it.
 *
 * <table>
 * <caption>What ends the process, tokenizers 0.21.4</caption>
 * <tr><th>component</th><th>where</th><th>kept out by</th></tr>
 * <tr><td>FixedLength of length 0</td><td>pre_tokenizers/fixed_length.rs:34</td><td>at least 1</td></tr>
 * <tr><td>Split whose expression takes ten million tries</td><td>onig lib.rs: search_with_encoding</td><td>{@link PatternCost}</td></tr>
 * <tr><td>a chain that writes ever more text</td><td></td><td>{@link Cost#growth}</td></tr>
 * </table>
 */
final class PreTokenizers {

    static final List<String> TYPES = List.of(
            "BertPreTokenizer",
            "ByteLevel",
            "CharDelimiterSplit",
            "Metaspace",
            "Whitespace",
            Sequences.TYPE,
            "Split",
            "Punctuation",
            "WhitespaceSplit",
            "Digits",
            "UnicodeScripts",
            "FixedLength");

    private static final List<String> SCHEMES = List.of("first", "never", "always");

    private final Sequences sequences = new Sequences("pretokenizers", "pre-tokenizers", PreTokenizers::single);

    /**
     * Checks a pre-tokenizer and puts what is known of it into {@link Component#checked}.
     *
     * @return what it can cost
     */
    Cost check(Component component) {
        return sequences.check(component);
    }

    private static Cost single(String type, Component component) {
        switch (type) {
            case "BertPreTokenizer", "Whitespace", "WhitespaceSplit", "UnicodeScripts":
                return Cost.NONE;
            case "ByteLevel":
                return byteLevel(component);
            case "CharDelimiterSplit":
                component.character("delimiter");
                return Cost.NONE;
            case "Metaspace":
                return metaspace(component);
            case "Split":
                return Patterns.split(component);
            case "Punctuation":
                Patterns.behavior(component);
                return Cost.NONE;
            case "Digits":
                component.flag("individual_digits");
                return Cost.NONE;
            case "FixedLength":
                if (component.has("length")) {
                    component.number("length", 1, 1 << 20);
                }
                return Cost.NONE;
            default:
                return component.unknown(TYPES);
        }
    }

    /** ByteLevel, which may also stand among the post-processors and decoders. */
    static Cost byteLevel(Component component) {
        boolean prefix = component.flag("add_prefix_space");
        component.flag("trim_offsets");
        component.flag("use_regex", true);
        return Cost.growing(prefix ? 4 : 2);
    }

    /** Metaspace, which may also stand among the decoders. */
    static Cost metaspace(Component component) {
        int length = Component.utf8Length(component.character("replacement"));
        boolean never = false;
        if (component.has("prepend_scheme")) {
            never = component.oneOf("prepend_scheme", SCHEMES).equals("never");
        }
        if (!component.flagIfAny("add_prefix_space").orElse(true) && !never) {
            component.fault("add_prefix_space is false and prepend_scheme is not never");
        }
        component.flagIfAny("split");
        return Cost.growing(never ? length : length + 1);
    }
}
