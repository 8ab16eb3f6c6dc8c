package io.github.peft4j.models.text.internal.checks;

import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.message.Printable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code post_processor}: which special tokens are put around a text.
 *
 * <table>
 * <caption>What ends the process, tokenizers 0.21.4</caption>
 * <tr><th>component</th><th>where</th><th>kept out by</th></tr>
 * <tr><td>TemplateProcessing with a token that is not among its special tokens</td><td>processors/template.rs:563</td><td>they are compared</td></tr>
 * <tr><td>a template for one text that asks for a second</td><td>processors/template.rs:556</td><td>a single template has A alone</td></tr>
 * <tr><td>a special token with more ids than tokens</td><td>encoding.rs, getTokenCharSpans</td><td>they are counted</td></tr>
 * <tr><td>a template that the one before leaves neither one piece nor two</td><td>processors/template.rs, process_encodings</td><td>they are
 * counted</td></tr>
 * <tr><td>templates that repeat the text, in a chain, or add ever more to it</td><td></td><td>each text once, {@value #MOST_ADDED} tokens</td></tr>
 * </table>
 */
final class PostProcessors {

    static final List<String> TYPES =
            List.of("TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel", Sequences.TYPE);

    private static final int LONGEST_TOKEN = 4096;
    private static final int MOST = 64;
    private static final int MOST_ADDED = 256;
    private static final long LARGEST_ID = Integer.MAX_VALUE - 1L;

    private final Sequences sequences = new Sequences("processors", "post-processors", this::single);

    /** How many pieces the last template left of one text and of two, with special tokens and without. */
    private final int[][] left = {{1, 2}, {1, 2}};

    private int added;
    private int atEnd;

    /**
     * What a template makes of its texts.
     *
     * @param all tokens that it adds
     * @param behind how many of them come behind the last of its texts
     * @param pieces that it leaves
     * @param texts how many of the pieces are texts, which are left without special tokens
     */
    private record Added(int all, int behind, int pieces, int texts) {}

    /** How many tokens are put behind a text. */
    int atEnd() {
        return atEnd;
    }

    /** Checks a post-processor and puts what is known of it into {@link Component#checked}. */
    void check(Component component) {
        sequences.check(component);
    }

    private Cost single(String type, Component component) {
        switch (type) {
            case "TemplateProcessing":
                template(component);
                break;
            case "RobertaProcessing":
                component.flag("trim_offsets");
                component.flag("add_prefix_space");
                around(component);
                break;
            case "BertProcessing":
                around(component);
                break;
            case "ByteLevel":
                PreTokenizers.byteLevel(component);
                break;
            default:
                component.unknown(TYPES);
        }
        return Cost.NONE;
    }

    private void around(Component component) {
        for (String key : List.of("sep", "cls")) {
            List<@Nullable Object> pair = JsonValues.list(component.raw(key));
            if (pair.size() == 2 && isToken(pair.get(0)) && isId(pair.get(1))) {
                component.checked().put(key, pair);
            } else {
                component.fault(key + " must be a token and its id");
            }
        }
        atEnd++;
    }

    private static boolean isToken(@Nullable Object value) {
        return value instanceof String text && Component.isUnicode(text) && text.length() <= LONGEST_TOKEN;
    }

    private static boolean isId(@Nullable Object value) {
        return (value instanceof Integer || value instanceof Long)
                && ((Number) value).longValue() >= 0
                && ((Number) value).longValue() <= LARGEST_ID;
    }

    private void template(Component component) {
        Component declared = component.under("special_tokens");
        component.checked().put("special_tokens", declared.checked());
        Map<String, Integer> sizes = new HashMap<>();
        Map<String, @Nullable Object> special = JsonValues.object(component.raw("special_tokens"));
        if (special.size() > MOST) {
            declared.fault("expected at most " + MOST);
            return;
        }
        for (String name : special.keySet()) {
            Component token = declared.under(name);
            sizes.put(name, token(token));
            declared.checked().put(name, token.checked());
        }
        Added single = pieces(component, "single", Set.of("A"), sizes);
        atEnd += single.behind();
        added += single.all();
        if (added > MOST_ADDED) {
            component.fault("more than " + MOST_ADDED + " tokens are put around a text");
        }
        Added pair = pieces(component, "pair", Set.of("A", "B"), sizes);
        if (cannotFollow(left[0], single.pieces(), pair.pieces())
                | cannotFollow(left[1], single.texts(), pair.texts())) {
            component.fault("the template before it does not leave it one piece or two: expected one template");
        }
    }

    /** Counts what a template leaves; true if it cannot take what the one before left: the native code ends the process then. */
    private static boolean cannotFollow(int[] left, int single, int pair) {
        boolean lost = false;
        for (int i = 0; i < left.length; i++) {
            lost |= left[i] != 1 && left[i] != 2;
            left[i] = left[i] == 1 ? single : pair;
        }
        return lost;
    }

    private static int token(Component token) {
        token.text("id", LONGEST_TOKEN);
        List<@Nullable Object> ids = token.checkedList("ids");
        for (Object id : token.list("ids", MOST)) {
            if (isId(id)) {
                ids.add(id);
            } else {
                token.fault("ids must be whole numbers from 0 to " + LARGEST_ID);
            }
        }
        List<@Nullable Object> tokens = token.checkedList("tokens");
        for (Object text : token.list("tokens", MOST)) {
            if (isToken(text)) {
                tokens.add(text);
            } else {
                token.fault("tokens must be texts of at most " + LONGEST_TOKEN + " characters");
            }
        }
        if (ids.size() != tokens.size()) {
            token.fault("has " + ids.size() + " ids for " + tokens.size() + " tokens");
        }
        return ids.size();
    }

    /** Checks a template; how many tokens it adds. */
    private static Added pieces(Component component, String key, Set<String> texts, Map<String, Integer> sizes) {
        List<@Nullable Object> checked = component.checkedList(key);
        Set<String> seen = new HashSet<>();
        int behind = 0;
        int all = 0;
        int pieces = 0;
        for (Component piece : component.parts(key, MOST)) {
            boolean text = piece.has("Sequence");
            if (text == piece.has("SpecialToken")) {
                piece.fault("expected either Sequence or SpecialToken");
                continue;
            }
            Component inner = piece.under(text ? "Sequence" : "SpecialToken");
            String id = inner.text("id", LONGEST_TOKEN);
            inner.number("type_id", 0, Integer.MAX_VALUE);
            checked.add(Map.of(text ? "Sequence" : "SpecialToken", inner.checked()));
            if (text && (!texts.contains(id) || !seen.add(id))) {
                inner.fault(
                        "expected " + texts.stream().sorted().toList() + " once each, found " + Printable.quoted(id));
            } else if (!text && !sizes.containsKey(id)) {
                inner.fault("names the special token " + Printable.quoted(id) + ", which special_tokens lacks");
            }
            pieces++;
            all += text ? 0 : sizes.getOrDefault(id, 0);
            behind = text ? 0 : behind + sizes.getOrDefault(id, 0);
        }
        return new Added(all, seen.isEmpty() ? 0 : behind, pieces, seen.size());
    }
}
