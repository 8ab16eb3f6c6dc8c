package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.kernel.Weight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parameters by name, as a table or as JSON. */
final class ParameterList {

    /**
     * A parameter.
     *
     * @param name as in the file
     * @param trainable whether a method trains it; null if no method was named
     */
    private record Parameter(
            String name,
            List<Long> shape,
            String dtype,
            @Nullable Boolean trainable) {

        long size() {
            return shape.stream().reduce(1L, (a, b) -> a * b);
        }

        /** A stranger's file names its tensors as it likes, a terminal's commands included. */
        String shownName() {
            return Printable.excerpt(name);
        }

        Fields fields() {
            Fields fields = Fields.of("name", name)
                    .and("shape", shape)
                    .and("dtype", dtype)
                    .and("parameters", size());
            return trainable == null ? fields : fields.and("trainable", trainable);
        }
    }

    /** Layer 10 after layer 9: runs of digits are compared as numbers. */
    private static final Comparator<String> BY_LAYER = Comparator.comparing(ParameterList::withWideNumbers);

    private final List<Parameter> parameters = new ArrayList<>();

    private ParameterList() {}

    /** The tensors of a file or several, layer by layer. */
    static ParameterList of(Checkpoint weights) throws CheckpointException {
        ParameterList list = new ParameterList();
        for (String name : weights.names().stream().sorted(BY_LAYER).toList()) {
            TensorInfo info = weights.info(name);
            list.parameters.add(new Parameter(name, info.shape(), Contents.text(info.type()), null));
        }
        return list;
    }

    /**
     * What a method would make of a model: the model's own parameters, shared ones once, then the method's.
     *
     * @param peft null if all of the model is trained
     */
    static ParameterList of(Model<?> model, @Nullable PeftModel<?> peft) {
        ParameterList list = new ParameterList();
        Set<Weight> told = Collections.newSetFromMap(new IdentityHashMap<>());
        Map<String, Weight> trained = peft == null ? Map.of() : peft.adapter().trainable();
        Map<String, Weight> saved = peft == null ? Map.of() : peft.adapter().parameters();
        Set<Weight> ofMethod = Collections.newSetFromMap(new IdentityHashMap<>());
        ofMethod.addAll(trained.values());
        ofMethod.addAll(saved.values());
        model.weightsByPath().forEach((path, weight) -> {
            if (!ofMethod.contains(weight) && told.add(weight)) {
                list.add(path, weight, peft == null);
            }
        });
        trained.forEach((key, weight) -> {
            told.add(weight);
            list.add(key, weight, true);
        });
        saved.forEach((key, weight) -> {
            if (told.add(weight)) {
                list.add(key, weight, false);
            }
        });
        return list;
    }

    private void add(String name, Weight weight, boolean trainable) {
        List<Long> shape = Arrays.stream(weight.shape().getShape()).boxed().toList();
        String format = trainable ? "float32" : weight.precision().text();
        parameters.add(new Parameter(name, shape, format, trainable));
    }

    /** One JSON object a line. */
    String json() {
        StringBuilder text = new StringBuilder();
        parameters.forEach(parameter -> text.append(parameter.fields().json()).append('\n'));
        return text.toString();
    }

    /** Aligned columns: name, shape, format, and whether it is trained. */
    String table() {
        int names = width(parameters.stream().map(Parameter::shownName).toList());
        int shapes =
                width(parameters.stream().map(one -> String.valueOf(one.shape)).toList());
        StringBuilder text = new StringBuilder();
        for (Parameter one : parameters) {
            String trained = Boolean.TRUE.equals(one.trainable) ? "  trainable" : "";
            text.append(String.format(
                    Locale.ROOT,
                    "%-" + names + "s  %-" + shapes + "s  %s%s%n",
                    one.shownName(),
                    String.valueOf(one.shape),
                    one.dtype,
                    trained));
        }
        return text.toString();
    }

    private static int width(List<String> column) {
        return column.stream().mapToInt(String::length).max().orElse(1);
    }

    private static String withWideNumbers(String name) {
        StringBuilder wide = new StringBuilder();
        for (String part : name.split("(?<=[0-9])(?=[^0-9])|(?<=[^0-9])(?=[0-9])", -1)) {
            boolean number = !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9');
            wide.append(number ? "0".repeat(Math.max(0, 12 - part.length())) : "")
                    .append(part);
        }
        return wide.toString();
    }
}
