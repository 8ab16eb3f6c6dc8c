package io.github.peft4j.cli.internal.loading;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.method.internal.SavedAdapter;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.pretrained.internal.LabelFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of the head that an adapter was saved with.
 *
 * @param folder the adapter's
 * @param told what the folder says of them, as values of a config
 * @param tensor the saved head's weight, or null if there is none
 * @param count how many rows that has
 */
public record SavedLabels(
        Path folder, Map<String, Object> told, @Nullable String tensor, int count) {

    private static final String NAMES = "id2label";
    private static final String TYPE = "problem_type";

    /** The ends of names of output layers in PEFT's files. */
    private static final List<String> HEADS =
            List.of(".score.weight", ".classifier.weight", ".classifier.out_proj.weight");

    /**
     * Reads them.
     *
     * @throws CheckpointException if the adapter cannot be read, or its names are not as many as its head has outputs
     */
    public static SavedLabels of(Path adapter) throws CheckpointException {
        Map<String, Object> told = LabelFile.read(adapter);
        String tensor = null;
        int count = 0;
        try (SavedAdapter saved = AdapterStore.open(adapter, PeftMethods.discovered())) {
            for (String name : saved.weights().names()) {
                List<Long> shape = saved.weights().info(name).shape();
                // What no head can be is left to the check of the adapter against the model.
                if (HEADS.stream().anyMatch(name::endsWith)
                        && shape.size() == 2
                        && shape.get(0) > 0
                        && shape.get(0) <= SequenceHead.Labels.MOST) {
                    tensor = name;
                    count = Math.toIntExact(shape.get(0));
                }
            }
        }
        if (tensor != null && told.get(NAMES) instanceof Map<?, ?> names && names.size() != count) {
            throw new CheckpointException(adapter.resolve(LabelFile.NAME) + " names " + names.size()
                    + " classes, but the head that was saved with the adapter (" + tensor + ") has " + count
                    + " outputs: put right the names, or remove that file");
        }
        return new SavedLabels(adapter, told, tensor, count);
    }

    /**
     * Adds what the options do not say.
     *
     * @param changes what they say
     * @param before how many outputs the checkpoint has
     * @throws BadInput if they say something else
     */
    public void addTo(Map<String, Object> changes, int before) {
        refuseOther(changes, NAMES, "--labels");
        refuseOther(changes, TYPE, "--problem-type");
        boolean named = changes.containsKey(NAMES) || changes.containsKey("num_labels");
        told.forEach((key, value) -> {
            if (!named || key.equals(TYPE)) {
                changes.putIfAbsent(key, value);
            }
        });
        if (!named && !told.containsKey(NAMES) && tensor != null && count != before) {
            changes.put("num_labels", count);
        }
    }

    private void refuseOther(Map<String, Object> changes, String key, String option) {
        Object given = changes.get(key);
        Object saved = told.get(key);
        if (given != null && saved != null && !given.equals(saved)) {
            throw new BadInput(option + " " + shown(given) + " is not what the adapter was trained with, "
                    + shown(saved) + " by " + folder.resolve(LabelFile.NAME) + ": leave it out, or change that file");
        }
    }

    private static String shown(Object value) {
        return JsonWriter.shown(value instanceof Map<?, ?> names ? List.copyOf(names.values()) : value);
    }
}
