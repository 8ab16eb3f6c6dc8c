package io.github.peft4j.fuzz;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.search.internal.Journal;
import io.github.peft4j.training.search.internal.Search;
import io.github.peft4j.training.search.internal.SearchSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a run leaves behind to go on from. */
final class RunFormats {

    private static final TrainingConfig CONFIG =
            TrainingConfig.builder().steps(4).batchSize(1).saveEvery(2).build();

    private static final List<Row> ROWS =
            List.of(Row.of(new int[] {3, 4, 5}, new int[] {3, 4, 5}), Row.of(new int[] {6, 7, 8}, new int[] {6, 7, 8}));

    private static final String STATE = "trainer_state.json";

    private static final String OPTIMIZER = "optimizer.safetensors";

    private RunFormats() {}

    static List<Format> all(Path scratch) throws IOException {
        Path run = Files.createDirectories(scratch.resolve("run"));
        Path base = scratch.resolve("base");
        try (Model<LanguageHead> model = ToyModel.LLAMA.load(base, Precision.FLOAT32)) {
            FineTuner.of(attach(model), CONFIG).checkpointsIn(run).train(ROWS);
        }
        Path checkpoint = run.resolve("checkpoint-2");
        Format.Target resuming = resuming(base);
        List<Sample> samples = List.of(Sample.of(checkpoint));
        Mutator state = new JsonMutator(List.of(), Format.contents(samples, STATE));
        Mutator optimizer = new SafetensorsMutator().or(new BytesMutator(1000), 0.2);
        Set<Class<? extends Exception>> refusals = Set.of(CheckpointException.class, IllegalArgumentException.class);
        return List.of(
                new Format("trainer-state", samples, Map.of(STATE, state), resuming, refusals),
                new Format("optimizer", samples, Map.of(OPTIMIZER, optimizer), resuming, refusals),
                journal(scratch.resolve("search"), refusals));
    }

    private static Format journal(Path folder, Set<Class<? extends Exception>> refusals) throws IOException {
        Search search = Search.grid(SearchSpace.EMPTY.over("x", "1,2,3"));
        search.run(Files.createDirectories(folder), Map.of("data", "3 rows"), trial -> Map.of("loss", 0.5));
        Files.delete(folder.resolve(Search.PAGE));
        Map<String, String> plan = Map.of("data", "3 rows", "over x", "1,2,3", "strategy", "grid", "metric", "loss");
        List<Sample> samples = List.of(Sample.of(folder));
        Mutator lines = new LinesMutator(new JsonMutator(List.of(), Format.contents(samples, Journal.FILE)));
        return new Format(
                "search-journal",
                samples,
                Map.of(Journal.FILE, lines),
                changed -> Journal.open(changed, plan).close(),
                refusals);
    }

    private static PeftModel<?> attach(Model<LanguageHead> model) {
        return PeftModel.attach(
                model, LoraConfig.builder(2, 4).targetModules("q_proj").build());
    }

    /** Goes on from the folder, as far as the first micro-batch, and claims one within for what it would write. */
    private static Format.Target resuming(Path base) {
        Lazy<PeftModel<?>> model = new Lazy<>(() -> attach(ToyModel.LLAMA.load(base, Precision.FLOAT32)));
        return folder -> FineTuner.of(model.get(), CONFIG)
                .checkpointsIn(folder.resolve("on"))
                .resumeFrom(folder)
                .stopWhen(() -> true)
                .train(ROWS);
    }
}
