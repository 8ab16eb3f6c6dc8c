package io.github.peft4j.models.text.internal.checks;

import java.util.List;

/**
 * The section {@code decoder}: how tokens become a text.
 *
 * <table>
 * <caption>What ends the process, tokenizers 0.21.4</caption>
 * <tr><th>component</th><th>where</th><th>kept out by</th></tr>
 * <tr><td>any number out of range, half a surrogate pair</td><td>decoders/mod.rs:90</td><td>only known fields are passed on</td></tr>
 * <tr><td>Strip at the end of a token that has nothing else</td><td>decoders/strip.rs:46, 55</td><td>{@code stop} must be 0</td></tr>
 * <tr><td>Replace whose expression takes ten million tries</td><td>onig lib.rs: search_with_encoding</td><td>{@link PatternCost}</td></tr>
 * <tr><td>a chain that writes ever more text</td><td></td><td>{@link Cost#growth}</td></tr>
 * </table>
 */
final class Decoders {

    static final List<String> TYPES = List.of(
            "BPEDecoder",
            "ByteLevel",
            "WordPiece",
            "Metaspace",
            "CTC",
            Sequences.TYPE,
            "Replace",
            "Fuse",
            "Strip",
            "ByteFallback");

    private static final int LONGEST_TEXT = 256;
    private final Sequences sequences = new Sequences("decoders", "decoders", Decoders::single);

    /**
     * Checks a decoder and puts what is known of it into {@link Component#checked}.
     *
     * @return what it can cost
     */
    Cost check(Component component) {
        return sequences.check(component);
    }

    private static Cost single(String type, Component component) {
        switch (type) {
            case "BPEDecoder":
                // An empty suffix is found before every character.
                return Cost.growing(component.text("suffix", LONGEST_TEXT).isEmpty() ? 2 : 1);
            case "ByteLevel":
                PreTokenizers.byteLevel(component);
                // A byte that is no text becomes a replacement character.
                return Cost.growing(3);
            case "WordPiece":
                component.text("prefix", LONGEST_TEXT);
                component.flag("cleanup");
                return Cost.growing(2);
            case "Metaspace":
                PreTokenizers.metaspace(component);
                return Cost.NONE;
            case "CTC":
                component.text("pad_token", LONGEST_TEXT);
                component.flag("cleanup");
                return Cost.growing(
                        component.text("word_delimiter_token", LONGEST_TEXT).isEmpty() ? 2 : 1);
            case "Replace":
                return Patterns.replace(component, LONGEST_TEXT);
            case "Fuse", "ByteFallback":
                return Cost.NONE;
            case "Strip":
                component.character("content");
                component.number("start", 0, 1 << 20);
                component.number("stop", 0, 0);
                return Cost.NONE;
            default:
                return component.unknown(TYPES);
        }
    }
}
