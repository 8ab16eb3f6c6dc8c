package io.github.peft4j.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Changes a program or other text word by word: words go, come, change places, are repeated, and nest. */
final class TextMutator implements Mutator {

    private static final Pattern WORD = Pattern.compile("\\w+|\\s+|\\{%-?|-?%}|\\{\\{|}}|.", Pattern.DOTALL);

    private static final int MOST_CHANGES = 6;

    private static final int LONGEST = 200_000;

    private final List<String> words;

    /**
     * A mutator.
     *
     * @param words that mean something in texts of this kind
     */
    TextMutator(List<String> words) {
        this.words = List.copyOf(words);
    }

    @Override
    public byte[] mutate(byte[] sample, SplittableRandom random) {
        List<String> text = new ArrayList<>();
        for (Matcher m = WORD.matcher(new String(sample, StandardCharsets.UTF_8)); m.find(); ) {
            text.add(m.group());
        }
        for (int i = Mutator.changes(MOST_CHANGES, random); i > 0 && !text.isEmpty(); i--) {
            once(text, random);
        }
        return String.join("", text).getBytes(StandardCharsets.UTF_8);
    }

    private void once(List<String> text, SplittableRandom random) {
        int at = random.nextInt(text.size());
        int other = random.nextInt(text.size());
        switch (random.nextInt(8)) {
            case 0 -> text.remove(at);
            case 1 -> text.add(at, words.get(random.nextInt(words.size())));
            case 2 -> text.set(at, words.get(random.nextInt(words.size())));
            case 3 -> text.set(at, text.set(other, text.get(at)));
            case 4 -> text.addAll(at, List.copyOf(text.subList(Math.min(at, other), Math.max(at, other))));
            case 5 -> text.subList(Math.min(at, other), Math.max(at, other)).clear();
            case 6 -> text.set(at, repeated(text.get(at), random.nextInt(10) == 0 ? 20_000 : random.nextInt(2, 40)));
            default -> {
                int depth = random.nextInt(10) == 0 ? 20_000 : random.nextInt(1, 300);
                text.set(at, "(".repeat(depth) + text.get(at) + ")".repeat(depth));
            }
        }
    }

    /** So often, but no longer than a file that is worth reading: what is repeated may have been repeated before. */
    private static String repeated(String word, int times) {
        return word.repeat(Math.max(1, Math.min(times, LONGEST / (1 + word.length()))));
    }
}
