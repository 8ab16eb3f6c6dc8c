package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.loading.Vocabulary;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.held.TokensBeyond;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.internal.TrainedPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Tokens that are added to the tokenizer, and whose vectors are trained. */
final class NewTokenOptions {

    private static final String PLAIN = "--add-tokens";
    private static final String SPECIAL = "--add-special-tokens";

    @Option(
            names = PLAIN,
            split = ",",
            paramLabel = "TOKEN",
            description =
                    "Tokens to add to the tokenizer, separated by commas, repeatable: --add-tokens '<tool>,</tool>'. Their vectors are"
                            + " trained, of the others none; the tokenizer is saved with the adapter. Tokens that are there already keep"
                            + " their numbers and are trained too. For --method lora and trainable-tokens.")
    List<String> plain = new ArrayList<>();

    @Option(
            names = SPECIAL,
            split = ",",
            paramLabel = "TOKEN",
            description = "The same for special tokens, which are left out of generated texts.")
    List<String> special = new ArrayList<>();

    /**
     * A tokenizer with these tokens, in a folder of its own until it is closed.
     *
     * @param ids of the tokens that were asked for
     * @param vocabulary what texts become with it
     * @param folder where it lies, or null where nothing was asked for
     */
    record Added(
            Map<String, Integer> ids,
            Vocabulary vocabulary,
            @Nullable Path folder) implements AutoCloseable {

        /**
         * Puts what is trained into a model, these tokens with it.
         *
         * @param part a new adapter that can have them, if there are some
         * @return as {@link TrainedPart#attach}
         */
        Optional<PeftModel<?>> attach(TrainedPart part, Model<?> model, long seed) throws IOException {
            if (folder == null) {
                return part.attach(model, seed);
            }
            PeftConfig config = training((TrainedPart.NewAdapter) part, model);
            Optional<PeftModel<?>> attached = TrainedPart.newAdapter(config).attach(model, seed);
            attached.orElseThrow().setTokenizer(AttachContext.DEFAULT_NAME, folder);
            return attached;
        }

        private PeftConfig training(TrainedPart.NewAdapter adapter, Model<?> model) {
            PeftConfig config = adapter.config();
            List<Integer> numbers = List.copyOf(new LinkedHashSet<>(ids.values()));
            List<String> tables =
                    model.anatomy().headIsTied() ? List.of(model.anatomy().inputEmbedding()) : model.tokenTables();
            List<String> names = tables.stream()
                    .map(path -> path.substring(path.lastIndexOf('.') + 1))
                    .toList();
            Map<String, @Nullable Object> settings = new LinkedHashMap<>(config.settings());
            if (setting(config).equals(TokensBeyond.SETTINGS.get(0))) {
                Map<String, List<Integer>> byTable = new LinkedHashMap<>();
                names.forEach(name -> byTable.put(name, numbers));
                settings.put(setting(config), tables.size() == 1 ? numbers : byTable);
            } else {
                settings.put(setting(config), numbers);
                if (tables.size() > 1) {
                    settings.putIfAbsent("target_modules", names);
                }
            }
            return adapter.of().schema().read(settings, PLAIN).withCommon(config.common());
        }

        @Override
        public void close() throws IOException {
            if (folder != null) {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
        }
    }

    /**
     * Checks what the tokens are to be trained in.
     *
     * @throws BadInput if that trains no single tokens, or names others itself
     */
    void check(TrainedPart part) {
        if (plain.isEmpty() && special.isEmpty()) {
            return;
        }
        String option = plain.isEmpty() ? SPECIAL : PLAIN;
        if (part.saved().isPresent()) {
            throw new BadInput(
                    option + ": the tokens of a saved adapter are settled: leave out --init-adapter, or train"
                            + " it as it is");
        }
        if (!(part instanceof TrainedPart.NewAdapter adapter)
                || setting(adapter.config()).isEmpty()) {
            throw new BadInput(
                    option + " trains the vectors of single tokens, which --method lora and trainable-tokens can, and "
                            + part.method() + " cannot");
        }
        String setting = setting(adapter.config());
        Object named = adapter.config().settings().get(setting);
        if (named != null && !List.of().equals(named)) {
            throw new BadInput(
                    option + " and the setting " + setting + " both say which tokens are trained: leave one out");
        }
    }

    /** The setting of single tokens that a method has; empty if it has none. */
    private static String setting(PeftConfig config) {
        return TokensBeyond.SETTINGS.stream()
                .filter(config.settings()::containsKey)
                .findFirst()
                .orElse("");
    }

    /**
     * Adds the tokens to a tokenizer.
     *
     * @return the same tokenizer if there are none
     * @throws BadInput if a token cannot be added, or the tokenizer has tokens already that the model lacks
     * @throws IOException if there is no tokenizer, or it is damaged
     */
    Added addTo(Vocabulary vocabulary, Console console) throws IOException {
        if (plain.isEmpty() && special.isEmpty()) {
            return new Added(Map.of(), vocabulary, null);
        }
        Path folder = Files.createTempDirectory("peft4j-tokens");
        Map<String, Integer> ids = new LinkedHashMap<>();
        Added added = new Added(ids, vocabulary.with(folder, vocabulary.size()), folder);
        boolean complete = false;
        try {
            Path from = vocabulary.folder();
            for (boolean marked : new boolean[] {false, true}) {
                List<String> tokens = marked ? special : plain;
                if (!tokens.isEmpty()) {
                    Path source = from;
                    ids.putAll(
                            add(marked ? SPECIAL : PLAIN, () -> Tokenizer.addTokens(source, folder, tokens, marked)));
                    from = folder;
                }
            }
            int size = vocabulary.size();
            Set<Integer> beyond = new LinkedHashSet<>(ids.values());
            beyond.removeIf(id -> id < vocabulary.size());
            for (int id : beyond.stream().sorted().toList()) {
                if (id != size++) {
                    throw new BadInput(PLAIN + ": the tokenizer in " + vocabulary.folder()
                            + " has tokens of its own that the model has no" + " vectors of: " + vocabulary.size()
                            + " to " + (id - 1) + ". Enlarge the checkpoint first");
                }
            }
            console.note("tokens   "
                    + Listed.names(ids.entrySet().stream()
                            .map(token -> Printable.quoted(token.getKey()) + " " + token.getValue())
                            .toList())
                    + (beyond.isEmpty() ? "" : "; " + beyond.size() + " beyond the model's " + vocabulary.size()));
            complete = true;
            return new Added(ids, vocabulary.with(folder, size), folder);
        } finally {
            if (!complete) {
                added.close();
            }
        }
    }

    private interface Adding {
        Map<String, Integer> run() throws IOException;
    }

    private static Map<String, Integer> add(String option, Adding adding) throws IOException {
        try {
            return adding.run();
        } catch (IllegalArgumentException e) {
            throw new BadInput(option + ": " + e.getMessage(), e);
        }
    }
}
