package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.loading.Loading;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.pattern.NearestNames;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.models.hub.internal.Hub;
import io.github.peft4j.training.Probe;
import io.github.peft4j.training.internal.TrainedPart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which method, with which settings. */
public final class MethodOptions {

    /** The method used if none is named. */
    public static final String USUAL = "lora";

    /** The names of methods, for the help. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names().iterator();
        }
    }

    @Option(
            names = "--method",
            paramLabel = "NAME",
            completionCandidates = Names.class,
            description = "${COMPLETION-CANDIDATES}; full is every weight of the model, probe a logistic regression in"
                    + " the place of a classifier's last layer. Default: " + USUAL + ".")
    @Nullable
    public String method;

    @Option(names = "--config", paramLabel = "FILE", description = "An adapter_config.json instead of --method.")
    @Nullable
    public Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting of the method by its name in Hugging Face PEFT, repeatable: --set r=16"
                    + " --set lora_alpha=32 --set target_modules=q_proj,v_proj. Goes before what --config says.")
    List<String> settings = new ArrayList<>();

    @Option(
            names = "--init-adapter",
            paramLabel = "DIR|ID",
            description = "Go on training a saved adapter, of whatever method, instead of a new one.")
    @Nullable
    String initial;

    /** Whether anything was said of a method. */
    public boolean given() {
        return method != null || config != null || initial != null || !settings.isEmpty();
    }

    /**
     * What is to be trained.
     *
     * @throws BadInput if there is no such method, or its settings are bad
     * @param hub has adapters that are on none of the user's disks
     * @throws IOException if a config cannot be read
     */
    public TrainedPart read(Hub hub) throws IOException {
        if (initial != null) {
            return ofSaved(initial, hub);
        }
        if (config != null) {
            return ofFile(config);
        }
        return named(Objects.requireNonNullElse(method, USUAL), settings);
    }

    /**
     * A method by name.
     *
     * @param settings as {@code key=value}
     * @throws BadInput if there is no such method, or its settings are bad
     */
    public static TrainedPart named(String name, List<String> settings) {
        if (name.equals(TrainedPart.FULL)) {
            if (!settings.isEmpty()) {
                throw new BadInput("--set " + settings.get(0) + ": the method full has no settings");
            }
            return TrainedPart.wholeModel();
        }
        if (name.equals(TrainedPart.PROBE)) {
            return probe(byKey(settings));
        }
        return forModel(method(name), values(Map.of(), name).with(byKey(settings)));
    }

    private static TrainedPart probe(Map<String, String> settings) {
        double c = Probe.USUAL_C;
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            String text = "--set " + setting.getKey() + "=" + setting.getValue();
            if (!setting.getKey().equals("C")) {
                throw new BadInput(text + ": the method probe has one setting, C");
            }
            try {
                c = Double.parseDouble(setting.getValue().strip());
            } catch (NumberFormatException e) {
                throw new BadInput(text + ": C must be a number above 0", e);
            }
        }
        return TrainedPart.outputLayer(c);
    }

    /**
     * A method by name, as it shows itself on a small model.
     *
     * @throws BadInput if there is no such method, or it is for classifiers alone
     */
    public static TrainedPart trial(String name) {
        if (name.equals(TrainedPart.FULL)) {
            return TrainedPart.wholeModel();
        }
        if (name.equals(TrainedPart.PROBE)) {
            throw new BadInput("the method probe is for classifiers: try it with train --task sequence-classification");
        }
        PeftMethod<?> found = method(name);
        return forModel(found, values(found.defaults().trial().settings(), name));
    }

    /** The names of all methods. */
    public static List<String> names() {
        return Stream.concat(trials().stream(), Stream.of(TrainedPart.PROBE)).toList();
    }

    /** The names of the methods that are trained in steps, whatever the model is for. */
    public static List<String> trials() {
        return Stream.concat(PeftMethods.discovered().all().stream().map(PeftMethod::name), Stream.of(TrainedPart.FULL))
                .toList();
    }

    private static ConfigValues values(Map<String, ? extends @Nullable Object> settings, String name) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>(settings);
        return ConfigValues.of(all, "--method " + name);
    }

    /** An adapter for whatever the model is for, unless the values say something else. */
    private static TrainedPart forModel(PeftMethod<?> method, ConfigValues values) {
        return BadInput.when(() -> {
            PeftConfig config = method.schema().read(values);
            return TrainedPart.newAdapter(config.withCommon(config.common().orTaskOfModel()));
        });
    }

    private static TrainedPart adapter(PeftMethod<?> method, ConfigValues values) {
        return BadInput.when(() -> TrainedPart.newAdapter(method.schema().read(values)));
    }

    private TrainedPart ofSaved(String named, Hub hub) throws IOException {
        if (method != null || config != null || !settings.isEmpty()) {
            throw new BadInput("--init-adapter " + named
                    + " brings method and settings with it: leave out --method, --config and --set");
        }
        return TrainedPart.savedAdapter(Loading.adapterFolder(named, "--init-adapter", hub));
    }

    private TrainedPart ofFile(Path file) throws IOException {
        ConfigValues values = AdapterStore.values(file);
        String type = values.constantNameOrNull("peft_type");
        if (type == null) {
            throw new BadInput(file + " lacks peft_type");
        }
        PeftMethod<?> found = BadInput.when(() -> PeftMethods.discovered().byType(type));
        if (method != null && !method.equals(found.name())) {
            throw new BadInput("--method " + method + " does not go with --config " + file + ", whose method is "
                    + found.name() + ": leave one of them out");
        }
        return adapter(found, values.with(byKey(settings)));
    }

    private static PeftMethod<?> method(String name) {
        return PeftMethods.discovered().all().stream()
                .filter(method -> method.name().equals(name))
                .findFirst()
                .orElseThrow(() -> unknown(name));
    }

    private static BadInput unknown(String name) {
        List<String> known = names();
        String other = OtherNames.method(name);
        String hint = other == null ? NearestNames.question(name, known) : "did you mean " + other + "?";
        return new BadInput("unknown method \"" + name + "\": "
                + (hint.isEmpty() ? "expected one of " + String.join(", ", known) : hint));
    }

    private static Map<String, String> byKey(List<String> settings) {
        Map<String, String> byKey = new LinkedHashMap<>();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new BadInput("--set must be KEY=VALUE, got \"" + setting + "\"");
            }
            if (byKey.put(setting.substring(0, equals).strip(), setting.substring(equals + 1)) != null) {
                throw new BadInput("--set names " + setting.substring(0, equals) + " twice");
            }
        }
        return byKey;
    }
}
