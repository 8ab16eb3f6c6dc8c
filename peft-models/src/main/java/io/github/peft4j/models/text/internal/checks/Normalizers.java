package io.github.peft4j.models.text.internal.checks;

import java.util.Base64;
import java.util.List;

/**
 * The section {@code normalizer}: what is done to a text before it is split.
 *
 * <table>
 * <caption>What ends the process, tokenizers 0.21.4</caption>
 * <tr><th>component</th><th>where</th><th>kept out by</th></tr>
 * <tr><td>Precompiled without a table, or a damaged one</td><td>normalizers/mod.rs:143; spm_precompiled lib.rs:112, 119, 125, 188</td><td>{@link Charsmap}</td></tr>
 * <tr><td>any number out of range, half a surrogate pair</td><td>normalizers/mod.rs:101</td><td>only known fields are passed on</td></tr>
 * <tr><td>Replace of an empty match, Prepend of nothing: a character that comes from nowhere, then any other normalizer</td>
 * <td>normalizer.rs:374</td><td>least length 1</td></tr>
 * <tr><td>Replace whose expression takes ten million tries</td><td>onig lib.rs: search_with_encoding</td><td>{@link PatternCost}</td></tr>
 * <tr><td>a chain that writes ever more text</td><td></td><td>{@link Cost#growth}</td></tr>
 * </table>
 */
final class Normalizers {

    static final List<String> TYPES = List.of(
            "BertNormalizer",
            "Strip",
            "StripAccents",
            "NFC",
            "NFD",
            "NFKC",
            "NFKD",
            Sequences.TYPE,
            "Lowercase",
            "Nmt",
            "Precompiled",
            "Replace",
            "Prepend",
            "ByteLevel");

    /** Those that make nothing blank that is not. */
    private static final List<String> HARMLESS = List.of("NFC", "NFD", "Lowercase", "Prepend", "ByteLevel");

    private static final int LONGEST_CONTENT = 256;
    private static final int LONGEST_PREFIX = 64;

    private final Removals removals = new Removals();
    private final Sequences sequences = new Sequences("normalizers", "normalizers", this::single);
    private double written = 1;

    /** How many bytes a byte of text can become by what the file itself writes, without what Unicode makes of some characters. */
    double written() {
        return written;
    }

    private Cost writing(Cost cost) {
        written *= cost.growth();
        return cost;
    }

    /** What these normalizers can take away from a text. */
    Removals removals() {
        return removals;
    }

    /**
     * Checks a normalizer and puts what is known of it into {@link Component#checked}.
     *
     * @return what it can cost
     */
    Cost check(Component component) {
        return sequences.check(component);
    }

    private Cost single(String type, Component component) {
        if (!HARMLESS.contains(type)) {
            removals.makeBlank();
        }
        switch (type) {
            case "BertNormalizer":
                return bert(component);
            case "Strip":
                removals.blanksAndMarks();
                component.flag("strip_left");
                component.flag("strip_right");
                return Cost.NONE;
            case "StripAccents", "Nmt":
                removals.blanksAndMarks();
                return Cost.NONE;
            // The characters that grow most: U+0390, U+FDFA, U+0130.
            case "NFC", "NFD":
                return Cost.growing(3);
            case "NFKC", "NFKD":
                return Cost.growing(11);
            case "Lowercase":
                return Cost.growing(1.5);
            case "Precompiled":
                return precompiled(component);
            case "Replace":
                Cost cost = Patterns.replace(component, LONGEST_CONTENT);
                removals.replaced(component.checked());
                return writing(cost);
            case "Prepend":
                String prefix = component.text("prepend", LONGEST_PREFIX);
                if (prefix.isEmpty()) {
                    component.fault("prepend is empty");
                }
                return writing(Cost.growing(1 + prefix.length() / 4.0));
            case "ByteLevel":
                return writing(Cost.growing(2));
            default:
                return component.unknown(TYPES);
        }
    }

    private Cost bert(Component component) {
        boolean cleans = component.flag("clean_text");
        component.flag("handle_chinese_chars");
        boolean lowercase = component.flag("lowercase");
        boolean strips = component.flagIfAny("strip_accents").orElse(lowercase);
        if (cleans || strips) {
            removals.blanksAndMarks();
        }
        return Cost.growing(7.5);
    }

    private Cost precompiled(Component component) {
        String encoded = component.text("precompiled_charsmap", 8 << 20);
        try {
            byte[] table = Base64.getDecoder().decode(encoded);
            Charsmap map = Charsmap.of(table);
            component.checked().put("precompiled_charsmap", Base64.getEncoder().encodeToString(table));
            removals.mapped(map);
            return writing(Cost.growing(map.growth()));
        } catch (IllegalArgumentException e) {
            component.fault("precompiled_charsmap " + e.getMessage());
            return Cost.NONE;
        }
    }
}
