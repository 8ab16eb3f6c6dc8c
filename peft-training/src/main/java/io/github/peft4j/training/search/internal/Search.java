package io.github.peft4j.training.search.internal;

import io.github.peft4j.models.internal.output.ClaimedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tries settings and finds those with the best metric: all of a grid, or some drawn at random; each trained to its end, or by successive halving, where
 * all are trained a little, the best of them longer, and so on.
 *
 * <pre>{@code
 * SearchSpace space = SearchSpace.EMPTY.over("learning_rate", "1e-5:1e-2:log").over("r", "4,8,16");
 * Search.Outcome outcome = Search.random(space, 20, 42).metric("loss", true).run(folder, Map.of(), trial -> {
 *     var config = LoraConfig.builder(Integer.parseInt(trial.settings().get("r")), 16).build();
 *     ...
 *     tuner.train(rows);
 *     tuner.save(trial.folder());
 *     peft.unload();
 *     return Map.of("loss", evaluation.run(model).loss());
 * });
 * }</pre>
 *
 * <p>A trial that throws is recorded with the reason, and the search goes on. What was found is in {@code search.jsonl} of the folder before the next trial
 * begins, a line each and forced to disk, so that a search that was stopped or killed goes on where it was; {@code search.html} shows it. What the best
 * trial has put into its folder is in {@code best} at the end. Equal seeds give equal trials; with equal numbers of the trainings, equal outcomes.
 *
 * @see <a href="https://arxiv.org/abs/1502.07943">Jamieson and Talwalkar, Non-stochastic best arm identification (successive halving)</a>
 */
public final class Search {

    /** The folder of what the best trial has left. */
    public static final String BEST = "best";

    /** The page's name. */
    public static final String PAGE = "search.html";

    private final SearchSpace space;
    private final String strategy;
    private final List<Map<String, String>> candidates;
    private int factor;
    private String metric = "loss";
    private boolean lessIsBetter = true;
    private Consumer<Tried> listener = tried -> {};
    private Function<Map<String, String>, String> again = settings -> "";

    /**
     * Something to be trained.
     *
     * @param number from 1
     * @param settings as text by name
     * @param share of the whole training, above 0: as far as it is to be trained now; 1 for all of it
     * @param folder its own, in which it finds what it left there after a smaller share
     */
    public record Trial(int number, Map<String, String> settings, double share, Path folder) {}

    /** Trains and measures. */
    @FunctionalInterface
    public interface Trainer {

        /**
         * Trains a trial as far as it says, leaves in its folder what is needed to go on or, after all of the training, what is to be kept of the best; and
         * measures.
         *
         * @return numbers by name, the search's metric among them
         * @throws RuntimeException if this trial cannot be trained; the search goes on with others
         * @throws IOException if the search cannot go on
         */
        Map<String, Double> train(Trial trial) throws IOException;
    }

    /**
     * What came of a trial after a share of the training.
     *
     * @param number of the trial, from 1
     * @param share of the whole training
     * @param settings as text by name
     * @param value of the metric; null if the trial failed
     * @param numbers all that was measured
     * @param problem why it failed, or null
     * @param seconds that it took
     */
    public record Tried(
            int number,
            double share,
            Map<String, String> settings,
            @Nullable Double value,
            Map<String, Double> numbers,
            @Nullable String problem,
            double seconds) {}

    /**
     * What was found.
     *
     * @param best of those that were trained wholly; nothing if none was
     * @param all in the order in which they were tried
     */
    public record Outcome(Optional<Tried> best, List<Tried> all) {}

    private Search(SearchSpace space, String strategy, List<Map<String, String>> candidates) {
        this.space = space;
        this.strategy = strategy;
        this.candidates = candidates;
    }

    /** Every way to choose, the last setting changing fastest. */
    public static Search grid(SearchSpace space) {
        return new Search(space, "grid", space.grid());
    }

    /**
     * Some ways to choose, no two alike, and fewer if there are no more.
     *
     * @throws IllegalArgumentException if there are to be none
     */
    public static Search random(SearchSpace space, int trials, long seed) {
        if (trials < 1) {
            throw new IllegalArgumentException("at least one trial is needed, got " + trials);
        }
        return new Search(space, "random, " + trials + " trials, seed " + seed, space.draw(trials, seed));
    }

    /**
     * Goes by successive halving: of n trials all are trained for \(f^{-k}\) of the whole, \(k = \lfloor \log_f n \rfloor\), the best \(\lfloor n / f
     * \rfloor\) of them for \(f^{1-k}\), and so on until the last are trained wholly.
     *
     * @param by f, at least 2
     * @throws IllegalArgumentException if it is less
     */
    public Search halving(int by) {
        if (by < 2) {
            throw new IllegalArgumentException("halving keeps one trial in 2 or more, got " + by);
        }
        factor = by;
        return this;
    }

    /** Goes by another metric; by loss, of which less is better, if nothing is said. */
    public Search metric(String name, boolean less) {
        metric = name;
        lessIsBetter = less;
        return this;
    }

    /** Tells what came of each trial; also of those that were tried before the search was stopped. */
    public Search listener(Consumer<Tried> told) {
        listener = told;
        return this;
    }

    /** Says on the page what trains such settings again. */
    public Search again(Function<Map<String, String>, String> how) {
        again = how;
        return this;
    }

    /** What will be tried, in this order. */
    public List<Map<String, String>> trials() {
        return candidates;
    }

    /** The shares of the training after which the worst are left out, the last of which is 1. */
    public List<Double> shares() {
        List<Double> shares = new ArrayList<>(List.of(1.0));
        for (int left = candidates.size(); factor > 0 && left >= factor; left /= factor) {
            shares.add(0, shares.get(0) / factor);
        }
        return shares;
    }

    /**
     * Tries all, or goes on with what is in the folder.
     *
     * @param folder for journal, page and what the best leaves; made if need be
     * @param fixed what else the numbers depend on: a search goes on only with the same
     * @throws IllegalArgumentException if what is in the folder is another search, or the metric is none of what is measured
     * @throws io.github.peft4j.models.internal.output.FolderInUseException if another search writes into the folder
     * @throws io.github.peft4j.models.checkpoint.CheckpointException if the journal in the folder is damaged, or a link out of it
     * @throws IOException if files cannot be read or written, or the trainer says so
     */
    public Outcome run(Path folder, Map<String, String> fixed, Trainer trainer) throws IOException {
        try (ClaimedFolder claim = ClaimedFolder.join(folder);
                Journal journal = Journal.open(folder, plan(fixed))) {
            List<Tried> all = new ArrayList<>();
            List<Integer> left =
                    IntStream.rangeClosed(1, candidates.size()).boxed().toList();
            List<Tried> stage = List.of();
            for (double share : shares()) {
                stage = stage(folder, left, share, trial -> {
                    Optional<Tried> before = journal.find(trial);
                    Tried tried = before.isPresent() ? before.get() : tried(journal, trial, trainer);
                    all.add(tried);
                    listener.accept(tried);
                    if (before.isEmpty()) {
                        page(folder, all, fixed);
                    }
                    return tried;
                });
                left = numbers(ranking().best(stage, Math.max(1, left.size() / Math.max(1, factor))));
                keep(folder, left);
            }
            Optional<Tried> best = ranking().best(stage, 1).stream().findFirst();
            if (best.isPresent()) {
                settle(folder, best.get().number());
            }
            page(folder, all, fixed);
            return new Outcome(best, List.copyOf(all));
        }
    }

    /** Tries a trial, unless it was tried before. */
    @FunctionalInterface
    private interface Attempt {
        Tried at(Trial trial) throws IOException;
    }

    /** Tries some for a share of the training. Of what is trained wholly, only the best needs to be kept, and what is still to be tried. */
    private List<Tried> stage(Path folder, List<Integer> left, double share, Attempt attempt) throws IOException {
        List<Tried> stage = new ArrayList<>();
        for (int i = 0; i < left.size(); i++) {
            int number = left.get(i);
            stage.add(attempt.at(new Trial(number, candidates.get(number - 1), share, trial(folder, number))));
            if (share == 1) {
                List<Integer> wanted = new ArrayList<>(left.subList(i + 1, left.size()));
                wanted.addAll(numbers(ranking().best(stage, 1)));
                keep(folder, wanted);
            }
        }
        return stage;
    }

    private Ranking ranking() {
        return new Ranking(lessIsBetter);
    }

    private static List<Integer> numbers(List<Tried> tried) {
        return tried.stream().map(Tried::number).sorted().toList();
    }

    private Map<String, String> plan(Map<String, String> fixed) {
        Map<String, String> plan = new TreeMap<>(fixed);
        space.texts().forEach((name, values) -> plan.put("over " + name, values));
        plan.put("strategy", factor == 0 ? strategy : strategy + ", halving by " + factor);
        plan.put("metric", metric);
        return plan;
    }

    private Tried tried(Journal journal, Trial trial, Trainer trainer) throws IOException {
        Tried now = attempt(trial, trainer);
        if (now.problem() == null && now.value() == null) {
            throw new IllegalArgumentException("there is no metric " + metric + " here: expected one of "
                    + String.join(", ", now.numbers().keySet()));
        }
        journal.add(now);
        return now;
    }

    private Tried attempt(Trial trial, Trainer trainer) throws IOException {
        long start = System.nanoTime();
        Map<String, Double> numbers = Map.of();
        String problem = null;
        try {
            numbers = Collections.unmodifiableMap(new LinkedHashMap<>(trainer.train(trial)));
            Double value = numbers.get(metric);
            if (value != null && !Double.isFinite(value)) {
                problem = "the metric " + metric + " is " + value;
            }
        } catch (RuntimeException e) {
            problem = e.getMessage() == null ? e.toString() : e.getMessage();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Tried(
                trial.number(),
                trial.share(),
                trial.settings(),
                problem == null ? numbers.get(metric) : null,
                numbers,
                problem,
                seconds);
    }

    private static Path trials(Path folder) {
        return folder.resolve("trials");
    }

    private static Path trial(Path folder, int number) {
        return trials(folder).resolve("trial-" + number);
    }

    /** Removes what trials have left that are out of the running. Those that have not been tried have left nothing that counts. */
    private static void keep(Path folder, List<Integer> wanted) throws IOException {
        if (!Files.isDirectory(trials(folder))) {
            return;
        }
        List<Path> kept = wanted.stream().map(number -> trial(folder, number)).toList();
        List<Path> others;
        try (Stream<Path> there = Files.list(trials(folder))) {
            others = there.filter(each -> !kept.contains(each)).toList();
        }
        for (Path each : others) {
            ClaimedFolder.remove(each);
        }
    }

    /** Gives what the best has left its name; done already if the search went on after its end. */
    private static void settle(Path folder, int number) throws IOException {
        Path from = trial(folder, number);
        if (Files.isDirectory(from)) {
            ClaimedFolder.remove(folder.resolve(BEST));
            Files.move(from, folder.resolve(BEST), StandardCopyOption.ATOMIC_MOVE);
        }
        ClaimedFolder.remove(trials(folder));
    }

    private void page(Path folder, List<Tried> all, Map<String, String> fixed) {
        new SearchPage(plan(fixed), metric, ranking(), List.copyOf(space.texts().keySet()), space::logarithmic, again)
                .write(folder.resolve(PAGE), all, candidates.size());
    }
}
