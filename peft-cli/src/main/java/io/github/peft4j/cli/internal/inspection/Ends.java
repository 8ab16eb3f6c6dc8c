package io.github.peft4j.cli.internal.inspection;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.internal.folder.AddedToken;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where rows teach a model to stop, and whether it will. */
final class Ends {

    private final @Nullable Tokenizer tokenizer;
    private final Set<Integer> ends = new LinkedHashSet<>();
    private final boolean told;
    private final Map<Integer, Long> others = new TreeMap<>();
    private long rows;
    private long ended;
    private long whole;

    /**
     * For a checkpoint.
     *
     * @throws CheckpointException if its settings for generation cannot be read
     */
    Ends(Path folder, @Nullable Tokenizer tokenizer) throws CheckpointException {
        this.tokenizer = tokenizer;
        ends.addAll(generationEnds(folder));
        this.told = !ends.isEmpty();
        if (!told && tokenizer != null) {
            tokenizer.endId().ifPresent(ends::add);
        }
    }

    private static List<Integer> generationEnds(Path folder) throws CheckpointException {
        try {
            return GenerationConfig.builder(folder)
                    .greedy(true)
                    .oneBeam()
                    .build()
                    .eosTokenIds();
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            // Whoever generates is told so; rows can be looked at all the same.
            return List.of();
        }
    }

    /** Takes a row that learns next tokens. */
    void add(Row row, Row.Target.NextTokens target) {
        rows++;
        boolean end = false;
        boolean all = true;
        Set<Integer> last = new LinkedHashSet<>();
        for (int i = 0; i < row.length(); i++) {
            if (!RowText.learned(target, i)) {
                all &= i == 0;
                continue;
            }
            int id = target.labels()[i];
            end |= ends.contains(id);
            if (i + 1 == row.length() || !RowText.learned(target, i + 1)) {
                last.add(id);
            }
        }
        ended += end ? 1 : 0;
        whole += all ? 1 : 0;
        last.stream().filter(this::endsTurns).forEach(id -> others.merge(id, 1L, Long::sum));
    }

    /** Whether a token is a special one that ends no text for whoever generates. */
    private boolean endsTurns(int id) {
        AddedToken token = tokenizer == null ? null : tokenizer.addedTokens().get(id);
        return token != null && token.special() && !ends.contains(id);
    }

    /** Rows that learn next tokens. */
    long rows() {
        return rows;
    }

    /** Those that learn a token that ends a text. */
    long ended() {
        return ended;
    }

    /** Those that learn all of their tokens. */
    long whole() {
        return whole;
    }

    /** What is likely to be a mistake. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        String expected =
                ends.isEmpty() ? "" : " (" + ends.stream().map(this::shown).collect(Collectors.joining(", ")) + ")";
        if (rows > 0 && ended == 0) {
            warnings.add("no row learns a token that ends a text" + expected
                    + ": a model trained on these rows goes on until the limit. Let rows end with it");
        }
        others.forEach((id, count) -> warnings.add(String.format(
                Locale.ROOT,
                "what is learned ends with %s (rows: %,d), which ends no text for this checkpoint%s: generation goes on after"
                        + " it. Add %d to eos_token_id in %s",
                shown(id),
                count,
                expected,
                id,
                told ? "generation_config.json" : "generation_config.json, which has none")));
        return warnings;
    }

    private String shown(int id) {
        return tokenizer == null ? Integer.toString(id) : tokenizer.decode(new int[] {id}, false) + " " + id;
    }
}
