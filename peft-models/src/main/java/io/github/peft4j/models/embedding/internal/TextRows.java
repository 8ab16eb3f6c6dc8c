package io.github.peft4j.models.embedding.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.internal.folder.AddedToken;
import io.github.peft4j.models.text.internal.folder.EncodedText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Texts as rows of tokens, cut where they are too long: what {@code SentenceTransformer.tokenize} does.
 *
 * @param rows one a text
 * @param cut how many of them were cut
 * @param prompt how many tokens the prompt has, which are the same in each
 */
public record TextRows(List<Row> rows, int cut, int prompt) {

    /**
     * Makes them.
     *
     * @param prompt stands before every text; may be empty
     * @throws IllegalArgumentException if a text has no token, or cannot be encoded
     */
    public static TextRows of(List<String> texts, String prompt, Tokenizer tokenizer, TextSettings settings) {
        Pattern kept = settings.lowerCase() ? kept(tokenizer) : null;
        List<Row> rows = new ArrayList<>(texts.size());
        int cut = 0;
        for (int i = 0; i < texts.size(); i++) {
            String whole = prompt + texts.get(i);
            String text = kept == null ? whole : lowerCased(whole, kept);
            Tokenizer.Pair encoded = tokenizer.encodePair(text, "");
            if (encoded.ids().length == 0) {
                throw new IllegalArgumentException("text " + i + " is empty, and the tokenizer puts no token around"
                        + " texts: there is nothing to make a vector of");
            }
            if (encoded.ids().length > settings.maxLength()) {
                cut++;
                encoded = encoded.truncated(settings.maxLength(), settings.cutsStart());
            }
            rows.add(new Row(encoded.ids(), Row.Target.NONE));
        }
        return new TextRows(rows, cut, prompt.isEmpty() ? 0 : promptTokens(prompt, tokenizer));
    }

    /** As sentence-transformers counts them: with what is put before a text, without what is put behind it. */
    private static int promptTokens(String prompt, Tokenizer tokenizer) {
        EncodedText encoded = tokenizer.encodeWithPlaces(prompt, true);
        return encoded.ids().length - encoded.addedAtEnd();
    }

    /** The tokens that are looked for before anything is done to a text. */
    private static Pattern kept(Tokenizer tokenizer) {
        String contents = tokenizer.addedTokens().values().stream()
                .map(AddedToken::content)
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|"));
        return Pattern.compile(contents.isEmpty() ? "(?!)" : contents);
    }

    /** Letter by letter, so that none depends on its neighbours. */
    private static String lowerCased(String text, Pattern kept) {
        StringBuilder lower = new StringBuilder(text.length());
        Matcher found = kept.matcher(text);
        int from = 0;
        while (found.find()) {
            lower(text, from, found.start(), lower);
            lower.append(found.group());
            from = found.end();
        }
        lower(text, from, text.length(), lower);
        return lower.toString();
    }

    private static void lower(String text, int from, int to, StringBuilder lower) {
        text.substring(from, to)
                .codePoints()
                .forEach(letter -> lower.append(Character.toString(letter).toLowerCase(Locale.ROOT)));
    }
}
