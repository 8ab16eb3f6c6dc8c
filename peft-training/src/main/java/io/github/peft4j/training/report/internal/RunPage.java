package io.github.peft4j.training.report.internal;

import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.training.internal.state.ProcessMemory;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A page about one run, written at each checkpoint and at the end. */
public final class RunPage implements TrainingListener {

    private static final int WORST = 10;

    /** Of longer tables only the last rows are worth their place. */
    private static final int MOST_EVALUATIONS = 200;

    /** Ways to end after which nobody waits for more to be computed. */
    private static final Set<TrainingResult.Outcome> BROKEN_OFF =
            Set.of(TrainingResult.Outcome.INTERRUPTED, TrainingResult.Outcome.FAILED);

    private static final String LOSS = "loss";
    private static final String LOGGED = "eval_";

    /** What of an evaluation's log says nothing of how good the model is. */
    private static final Set<String> EXPENSE = Set.of("eval_runtime", "eval_samples_per_second");

    private final Path file;
    private final @Nullable HeldOutRows heldOut;
    private final Curve losses = new Curve();
    private final Curve norms = new Curve();
    private final Curve rates = new Curve();
    private final Curve speeds = new Curve();
    private final Map<Long, Map<String, Double>> evaluations = new TreeMap<>();
    private final List<Double> seconds = new ArrayList<>();
    private TrainingListener.@Nullable Start start;
    private @Nullable TrainingResult result;
    private HeldOutRows.Found seen = HeldOutRows.Found.NOTHING;
    private Map<String, String> computer = Map.of();
    private long step;
    private long tokens;

    /**
     * A page that is not there yet.
     *
     * @param heldOut rows of which the worst are shown in the end; null for none
     */
    public RunPage(Path file, @Nullable HeldOutRows heldOut) {
        this.file = file;
        this.heldOut = heldOut;
    }

    @Override
    public String name() {
        return "the page " + file;
    }

    @Override
    public void started(TrainingListener.Start told) {
        start = told;
        computer = Computer.facts();
        step = told.firstStep();
        for (TrainingListener.Logged entry : told.history()) {
            entry.value("loss").ifPresent(value -> losses.add(entry.step(), value));
            entry.value("grad_norm").ifPresent(value -> norms.add(entry.step(), value));
            entry.value("learning_rate").ifPresent(value -> rates.add(entry.step(), value));
            Map<String, Double> numbers = new TreeMap<>(entry.values());
            numbers.keySet().removeIf(key -> !key.startsWith(LOGGED) || EXPENSE.contains(key));
            numbers.forEach((key, value) -> evaluated(entry.step(), key.substring(LOGGED.length()), value));
        }
    }

    private void evaluated(long at, String key, double value) {
        evaluations.computeIfAbsent(at, any -> new LinkedHashMap<>()).put(key, value);
    }

    @Override
    public void step(TrainingListener.Step report) {
        step = report.step();
        tokens += report.tokens();
        seconds.add(report.seconds());
        losses.add(step, report.loss());
        norms.add(step, report.gradNorm());
        rates.add(step, report.learningRate());
        speeds.add(step, report.tokens() / report.seconds());
    }

    /** Also one after the run's end, which belongs on its page. */
    @Override
    public void evaluated(TrainingListener.Evaluated report) {
        evaluated(report.step(), LOSS, report.result().loss());
        report.result().metrics().forEach((key, value) -> evaluated(report.step(), key, value));
        if (result != null) {
            write();
        }
    }

    @Override
    public void saved(TrainingListener.Saved report) {
        write();
    }

    @Override
    public void finished(TrainingResult end) {
        result = end;
        if (heldOut != null && !BROKEN_OFF.contains(end.outcome())) {
            seen = heldOut.look(WORST);
        }
        write();
    }

    private void write() {
        TrainingListener.Start told = start;
        if (told == null) {
            return;
        }
        Page page = new Page(
                "Fine-tuning: " + told.settings().getOrDefault("model", "a model"),
                List.of(
                        state(told.steps()),
                        new ModelStatus.Parameters(told.trainableParameters(), told.allParameters()).toString()));
        page.section("summary", "In short").facts(summary(told));
        if (result != null) {
            result.warnings().forEach(warning -> page.note("Warning: " + warning.message()));
        }
        curves(page);
        evaluations(page);
        rows(page);
        page.section("settings", "Settings");
        page.table("What the numbers depend on", List.of("setting", "value"), rowsOf(told.settings()));
        page.section("computer", "Computer").facts(computer);
        page.write(file);
    }

    private String state(long steps) {
        String told = result == null
                ? "going on"
                : result.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return told + " at step " + step + " of " + steps + ", " + Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    private Map<String, String> summary(TrainingListener.Start told) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("steps", step + " of " + told.steps());
        facts.put("passes over the data", Page.number(told.epochs()));
        if (!losses.isEmpty()) {
            facts.put("training loss, first step", Page.number(losses.y().get(0)));
            facts.put("training loss, last step", Page.number(losses.y().get(losses.size() - 1)));
        }
        List<Double> heldOutLosses = curve(LOSS).y();
        if (!heldOutLosses.isEmpty()) {
            facts.put("held-out loss, last", Page.number(heldOutLosses.get(heldOutLosses.size() - 1)));
        }
        if (!seconds.isEmpty()) {
            double all = seconds.stream().mapToDouble(Double::doubleValue).sum();
            List<Double> sorted = seconds.stream().sorted().toList();
            facts.put("tokens per second", String.format(Locale.ROOT, "%,.0f", tokens / all));
            facts.put("seconds of all steps", Page.number(all));
            facts.put("seconds of a step, median", Page.number(sorted.get(sorted.size() / 2)));
            facts.put("seconds of a step, longest", Page.number(sorted.get(sorted.size() - 1)));
        }
        long peak = ProcessMemory.peakMib();
        facts.put("peak memory", peak == 0 ? "-" : String.format(Locale.ROOT, "%,d MiB", peak));
        return facts;
    }

    private Curve curve(String key) {
        Curve curve = new Curve();
        evaluations.forEach((at, numbers) -> curve.add(at, numbers.getOrDefault(key, Double.NaN)));
        return curve;
    }

    private Set<String> keys() {
        Set<String> keys = new LinkedHashSet<>();
        evaluations.values().forEach(numbers -> keys.addAll(numbers.keySet()));
        return keys;
    }

    private void curves(Page page) {
        String across = "optimizer step";
        SvgChart loss = new SvgChart("loss", "Loss", across)
                .line("each step", losses, 1)
                .line("smoothed", losses.smoothed(), 0)
                .marked("held out", curve(LOSS), 2);
        SvgChart metrics = new SvgChart("metrics", "Metrics of held-out rows", across);
        List<String> keys = keys().stream().filter(key -> !key.equals(LOSS)).toList();
        // More lines than colours cannot be told apart; the table has them all.
        for (int i = 0; i < Math.min(SvgChart.COLOURS, keys.size()); i++) {
            metrics.marked(keys.get(i), curve(keys.get(i)), i);
        }
        List<SvgChart> all = SvgChart.seen(
                loss,
                metrics,
                new SvgChart("norm", "Gradient norm before clipping", across).line("gradient norm", norms, 0),
                new SvgChart("rate", "Learning rate", across).line("learning rate", rates, 0),
                new SvgChart("speed", "Speed", across).line("tokens per second", speeds, 0));
        if (!all.isEmpty()) {
            page.section("curves", "Curves").charts(all);
        }
    }

    private void evaluations(Page page) {
        if (evaluations.isEmpty()) {
            return;
        }
        List<String> heads = new ArrayList<>(List.of("step"));
        heads.addAll(keys());
        List<List<String>> rows = new ArrayList<>();
        evaluations.forEach((at, numbers) -> {
            List<String> row = new ArrayList<>(List.of(String.valueOf(at)));
            keys().forEach(key -> row.add(Page.number(numbers.getOrDefault(key, Double.NaN))));
            rows.add(row);
        });
        int from = Math.max(0, rows.size() - MOST_EVALUATIONS);
        page.section("evaluations", "Evaluations");
        page.table(
                from == 0 ? "Held-out rows" : "Held-out rows, the last " + MOST_EVALUATIONS + " of " + rows.size(),
                heads,
                rows.subList(from, rows.size()));
    }

    private void rows(Page page) {
        if (!seen.confusion().isEmpty()) {
            page.section("confusion", "Confusion matrix");
            page.confusion("Held-out rows of each class by what they were taken for", seen.classes(), seen.confusion());
        }
        List<HeldOutRows.Seen> worst = seen.worst();
        if (worst.isEmpty()) {
            return;
        }
        boolean told = worst.stream().anyMatch(row -> !row.predicted().isEmpty());
        page.section("rows", "Worst rows");
        page.table(
                "Held-out rows with the highest loss, by their place among those read",
                told ? List.of("row", "loss", "right", "predicted", "text") : List.of("row", "loss", "text", "right"),
                worst.stream()
                        .map(row -> {
                            String number = String.valueOf(row.number());
                            String loss = Page.number(row.loss());
                            return told
                                    ? List.of(number, loss, row.expected(), row.predicted(), row.text())
                                    : List.of(number, loss, row.text(), row.expected());
                        })
                        .toList());
    }

    /** The run's own before those of what is trained, and what is not set in one row: of an adapter that is most. */
    private static List<List<String>> rowsOf(Map<String, String> settings) {
        List<List<String>> own = new ArrayList<>();
        List<List<String>> trained = new ArrayList<>();
        List<String> unset = new ArrayList<>();
        settings.forEach((name, value) -> {
            if (value.equals("null")) {
                unset.add(name);
            } else {
                (name.contains(":") ? trained : own).add(List.of(name, value));
            }
        });
        own.addAll(trained);
        if (!unset.isEmpty()) {
            own.add(List.of("not set", String.join(", ", unset)));
        }
        return own;
    }
}
