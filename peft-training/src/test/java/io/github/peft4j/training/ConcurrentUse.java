package io.github.peft4j.training;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.methods.ia3.Ia3Config;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.prefixtuning.PrefixTuningConfig;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.evaluation.Evaluation;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Many threads on one model: a program of its own, since what goes wrong there can end the process. Prints how often each thing happened;
 * whatever is not foreseen begins with {@code UNEXPECTED}.
 */
final class ConcurrentUse {

    private static final int[] PROMPT = {1, 5, 9, 33, 7};
    private static final int TOKENS = 8;

    private static final Map<String, PeftConfig> CONFIGS = new LinkedHashMap<>();

    static {
        CONFIGS.put(
                "lora",
                LoraConfig.builder(4, 8)
                        .targetModules("q_proj", "v_proj", "up_proj")
                        .build());
        CONFIGS.put(
                "dora",
                LoraConfig.builder(2, 8)
                        .targetModules("q_proj", "o_proj")
                        .useDora(true)
                        .build());
        CONFIGS.put(
                "wide",
                LoraConfig.builder(6, 6)
                        .targetModules("k_proj", "gate_proj", "down_proj")
                        .build());
        CONFIGS.put(
                "narrow",
                LoraConfig.builder(2, 8).targetModules("v_proj", "o_proj").build());
        CONFIGS.put("ia3", Ia3Config.builder().build());
        CONFIGS.put("prompt", PromptTuningConfig.builder(3).build());
        CONFIGS.put("prefix", PrefixTuningConfig.builder(3).build());
    }

    private final Path folder;
    private final SplittableRandom random;
    private final WatchedThreads threads = new WatchedThreads();

    private ConcurrentUse(Path folder, long seed) {
        this.folder = folder;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Runs one of the programs.
     *
     * @param arguments its name, a folder to work in, how many rounds, a seed
     */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        ConcurrentUse use = new ConcurrentUse(folder, Long.parseLong(arguments[3]));
        use.prepare();
        switch (arguments[0]) {
            case "close" -> use.close(rounds);
            case "adapters" -> use.adapters(rounds);
            case "rows" -> use.rows(rounds);
            case "train" -> use.train(rounds);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        use.threads.print(out);
        out.println("done");
    }

    private Model<LanguageHead> load() throws Exception {
        return Models.load(folder.resolve("base"), Device.cpu(), null);
    }

    private void prepare() throws Exception {
        ToyCheckpoint.write(folder.resolve("base"), Golden.at("runs", "llama-full", "config"));
        for (Map.Entry<String, PeftConfig> entry : CONFIGS.entrySet()) {
            try (Model<LanguageHead> model = load()) {
                PeftModel<?> peft = PeftModel.attach(model, entry.getValue());
                FineTuner.of(peft, settings(6)).train(Golden.rows());
                peft.save(folder.resolve(entry.getKey()));
            }
        }
    }

    private static TrainingConfig settings(int steps) {
        return TrainingConfig.builder()
                .steps(steps)
                .batchSize(2)
                .learningRate(0.05)
                .build();
    }

    private static String text(Model<LanguageHead> model, int tokens, @Nullable RowSelection rows) throws Exception {
        GenerationConfig config = GenerationConfig.builder()
                .greedy(true)
                .maxNewTokens(tokens)
                .ignoreEos(true)
                .build();
        List<int[]> prompts = rows == null ? List.of(PROMPT) : List.of(PROMPT, PROMPT, PROMPT);
        return String.join(
                " ",
                new Generator(model, config)
                        .generate(prompts, rows, (prompt, id) -> {}).stream()
                                .map(made -> Arrays.toString(made.ids()))
                                .toList());
    }

    /** Models are closed at any moment, while others train, generate, evaluate, save and change adapters. */
    private void close(int rounds) throws Exception {
        for (int round = 0; round < rounds; round++) {
            Model<LanguageHead> model = load();
            PeftModel<?> peft = PeftModel.load(model, folder.resolve("lora"));
            Path saved = folder.resolve("saved" + round % 4);
            List<WatchedThreads.Work> works = List.of(
                    () -> text(model, 50, null),
                    () -> text(model, 50, peft.selectRows(List.of("default", PeftModel.BASE, "default"))),
                    () -> {
                        peft.setTrainable("default");
                        FineTuner.of(peft, settings(30)).train(Golden.rows());
                    },
                    () -> new Evaluation(Golden.rows()).run(model),
                    () -> peft.save(saved),
                    () -> {
                        peft.load(folder.resolve("ia3"), "other");
                        peft.parameterReport();
                        peft.withoutAdapters(() -> new Evaluation(Golden.rows()).run(model));
                        peft.delete("other");
                    });
            List<Thread> started = new ArrayList<>();
            List<Integer> numbers = new ArrayList<>();
            while (numbers.size() < 3) {
                int number = random.nextInt(works.size());
                if (!numbers.contains(number)) {
                    numbers.add(number);
                    started.add(threads.start("user " + number, works.get(number)));
                }
            }
            Thread.sleep(0, random.nextInt(1, 999_999));
            if (random.nextBoolean()) {
                Thread.sleep(random.nextInt(12));
            }
            model.close();
            threads.join(started);
        }
    }

    /** Adapters come, are merged and go while others generate: each text is wholly of the one state or wholly of another. */
    private void adapters(int rounds) throws Exception {
        Map<String, String> foreseen = new LinkedHashMap<>();
        try (Model<LanguageHead> model = load()) {
            foreseen.put(text(model, TOKENS, null), "base");
        }
        for (String name : CONFIGS.keySet()) {
            try (Model<LanguageHead> model = load()) {
                PeftModel<?> peft = PeftModel.load(model, folder.resolve(name));
                foreseen.putIfAbsent(text(model, TOKENS, null), name);
                if (peft.adapter().mergeable().isPresent()) {
                    peft.mergeActive();
                    foreseen.putIfAbsent(text(model, TOKENS, null), name + " merged");
                }
            }
        }
        if (foreseen.size() < CONFIGS.size()) {
            threads.count("UNEXPECTED: adapters make the same text: " + foreseen);
        }
        try (Model<LanguageHead> model = load()) {
            AtomicBoolean over = new AtomicBoolean();
            List<Thread> started = new ArrayList<>();
            for (int thread = 0; thread < 3; thread++) {
                started.add(threads.start("generator", () -> {
                    while (!over.get()) {
                        String text = text(model, TOKENS, null);
                        threads.count(foreseen.containsKey(text) ? "text as alone" : "UNEXPECTED text " + text);
                    }
                }));
            }
            List<String> names = List.copyOf(CONFIGS.keySet());
            for (int round = 0; round < rounds; round++) {
                PeftModel<?> peft = PeftModel.load(model, folder.resolve(names.get(random.nextInt(names.size()))));
                Thread.sleep(random.nextInt(3));
                if (peft.adapter().mergeable().isPresent() && random.nextBoolean()) {
                    peft.mergeActive();
                    Thread.sleep(random.nextInt(3));
                    peft.unmerge();
                }
                peft.unload();
                threads.count("loaded and unloaded");
            }
            over.set(true);
            threads.join(started);
        }
    }

    /** Rows choose adapters of their own, while others come and go, one of those chosen among them. */
    private void rows(int rounds) throws Exception {
        try (Model<LanguageHead> model = load()) {
            PeftModel<?> peft = PeftModel.load(model, folder.resolve("lora"));
            peft.load(folder.resolve("narrow"), "second");
            peft.load(folder.resolve("wide"), "guest");
            String stay = text(model, TOKENS, peft.selectRows(List.of("default", "second", PeftModel.BASE)));
            String guest = text(model, TOKENS, peft.selectRows(List.of("guest", "second", PeftModel.BASE)));
            AtomicBoolean over = new AtomicBoolean();
            List<Thread> started = new ArrayList<>();
            for (int thread = 0; thread < 3; thread++) {
                boolean withGuest = thread == 0;
                started.add(threads.start("generator", () -> {
                    while (!over.get()) {
                        rowsOnce(model, peft, withGuest, withGuest ? guest : stay);
                    }
                }));
            }
            for (int round = 0; round < rounds; round++) {
                peft.delete("guest");
                peft.load(folder.resolve("wide"), "guest");
                peft.add(CONFIGS.get("lora"), new AttachContext("new" + round, round, true));
                peft.delete("new" + round);
                threads.count("loaded and unloaded");
            }
            over.set(true);
            threads.join(started);
        }
    }

    private void rowsOnce(Model<LanguageHead> model, PeftModel<?> peft, boolean withGuest, String foreseen)
            throws Exception {
        try {
            RowSelection rows = peft.selectRows(List.of(withGuest ? "guest" : "default", "second", PeftModel.BASE));
            String text = text(model, TOKENS, rows);
            threads.count(text.equals(foreseen) ? "rows as alone" : "UNEXPECTED rows " + text);
        } catch (IllegalArgumentException | IllegalStateException e) {
            boolean gone = withGuest
                    && (e.getMessage().startsWith("Trying to infer with non-existing adapter(s): guest")
                            || e.getMessage().contains("chooses an adapter that was taken out of the model"));
            threads.count(gone ? "guest had gone" : WatchedThreads.unexpected("rows", e));
            Thread.sleep(1);
        }
    }

    /** One trains while others generate and evaluate with the same model: its numbers are those of a run that is alone. */
    private void train(int rounds) throws Exception {
        float[] alone;
        try (Model<LanguageHead> model = load()) {
            PeftModel<?> peft = PeftModel.attach(model, CONFIGS.get("lora"));
            FineTuner.of(peft, settings(rounds)).train(Golden.rows());
            alone = values(peft);
        }
        try (Model<LanguageHead> model = load()) {
            PeftModel<?> peft = PeftModel.attach(model, CONFIGS.get("lora"));
            AtomicBoolean over = new AtomicBoolean();
            List<Thread> started = new ArrayList<>();
            for (int thread = 0; thread < 2; thread++) {
                started.add(threads.start("reader", () -> {
                    while (!over.get()) {
                        text(model, TOKENS, null);
                        new Evaluation(Golden.rows()).run(model);
                        peft.save(folder.resolve("saved"));
                        threads.count("read");
                    }
                }));
            }
            FineTuner.of(peft, settings(rounds))
                    .checkpointsIn(Files.createTempDirectory(folder, "checkpoints"))
                    .train(Golden.rows());
            over.set(true);
            threads.join(started);
            threads.count(Arrays.equals(alone, values(peft)) ? "trained as alone" : "UNEXPECTED weights");
        }
    }

    private static float[] values(PeftModel<?> peft) {
        List<float[]> parts = new ArrayList<>();
        peft.adapter()
                .parameters()
                .values()
                .forEach(weight -> parts.add(weight.array().toFloatArray()));
        float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
