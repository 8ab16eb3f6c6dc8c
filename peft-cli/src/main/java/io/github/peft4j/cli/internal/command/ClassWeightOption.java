package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.option.TrainingDataOptions;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.tokens.TokenHead;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much each class counts while it is learned. */
public final class ClassWeightOption {

    private static final String NAME = "--class-weights";

    @Option(
            names = NAME,
            paramLabel = "WEIGHTS",
            description =
                    "How much each class counts while it is learned: balanced, by how often it occurs; or NAME=WEIGHT,... of"
                            + " some, the others 1. Evaluations do not weigh. Default: all alike.")
    @Nullable
    String given;

    /**
     * What is learned with weights; nothing if none are asked for.
     *
     * @param sets with the rows to train on
     * @throws BadInput if there are no classes to be weighed, or a weight is bad
     */
    public Optional<Objective> objective(Task task, TrainingDataOptions.Sets sets, Console console) {
        if (given == null) {
            return Optional.empty();
        }
        boolean values = SequenceClassification.ProblemType.REGRESSION
                .text()
                .equals(task.json().textOrNull("problem_type"));
        if (!task.classifies() || values) {
            throw new BadInput(NAME + " is for classes: of rows, --task " + SequenceHead.TASK
                    + ", or of tokens, --task " + TokenHead.TASK);
        }
        boolean balanced = given.equals("balanced");
        if (balanced && sets.lazy() != null) {
            throw new BadInput(NAME
                    + " balanced counts all rows, and those that are not in memory are not known before the training:"
                    + " give the weights, or --no-stream and no --token-cache");
        }
        SequenceHead.Labels labels = SequenceHead.Labels.of(task.json());
        try {
            double[] weights = balanced ? sets.rows().balancedWeights(labels.count()) : told(given, labels);
            Objective objective = task.head() == TokenHead.class
                    ? TokenHead.weighted(weights)
                    : SequenceClassification.weighted(weights);
            console.note("weights  of classes: "
                    + IntStream.range(0, weights.length)
                            .mapToObj(c -> String.format(
                                    Locale.ROOT, "%s %.4g", labels.names().get(c), weights[c]))
                            .collect(Collectors.joining(", ")));
            return Optional.of(objective);
        } catch (IllegalArgumentException e) {
            throw new BadInput(NAME + ": " + e.getMessage(), e);
        }
    }

    private static double[] told(String given, SequenceHead.Labels labels) {
        double[] weights = new double[labels.count()];
        Arrays.fill(weights, 1);
        Set<Integer> seen = new HashSet<>();
        for (String part : given.split(",", -1)) {
            int at = part.lastIndexOf('=');
            int id = at < 0 ? -1 : labels.id(part.substring(0, at));
            if (id < 0) {
                throw new IllegalArgumentException("expected balanced, or NAME=WEIGHT with a name of "
                        + JsonWriter.shown(labels.names()) + ", got " + part);
            }
            if (!seen.add(id)) {
                throw new IllegalArgumentException(part + " is the second weight of its class");
            }
            try {
                weights[id] = Double.parseDouble(part.substring(at + 1));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("the weight in " + part + " is no number", e);
            }
        }
        return weights;
    }
}
