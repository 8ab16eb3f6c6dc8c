package io.github.peft4j.fuzz;

import ai.djl.Device;
import io.github.peft4j.cli.FuzzedCommands;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.pretrained.internal.LabelFile;
import io.github.peft4j.testkit.ToyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Adapter folders of every method. */
final class AdapterFormats {

    /** Settings small enough for a toy, for every method that has them. */
    private static final Map<String, Map<String, Object>> SETTINGS = Map.of(
            "LORA", Map.of("r", 2, "target_modules", List.of("q_proj", "v_proj")),
            "TRAINABLE_TOKENS", Map.of("token_indices", List.of(1, 2, 5)),
            "PROMPT_TUNING", Map.of("num_virtual_tokens", 3),
            "P_TUNING", Map.of("num_virtual_tokens", 3, "encoder_hidden_size", 8),
            "PREFIX_TUNING", Map.of("num_virtual_tokens", 3),
            "ADAPTION_PROMPT", Map.of("adapter_len", 2, "adapter_layers", 1),
            "VERA", Map.of("r", 2));

    /** A file beside an adapter that is for a classifier. */
    private static final String CLASSIFIER = "classifier";

    private static final int HEADER = 2000;

    private static final Set<Class<? extends Exception>> CHECKPOINT = Set.of(CheckpointException.class);

    private AdapterFormats() {}

    static List<Format> all(Path scratch) throws IOException {
        Path base = scratch.resolve("base");
        List<Path> folders = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        Path encoder = scratch.resolve("encoder");
        PeftMethods methods = PeftMethods.discovered();
        try (Model<LanguageHead> model = ToyModel.LLAMA.load(base, Precision.FLOAT32)) {
            for (PeftMethod<?> method : methods.all()) {
                Path folder = scratch.resolve(method.name());
                names.addAll(save(model, method, TaskType.CAUSAL_LM, folder));
                folders.add(folder);
            }
        }
        List<Sample> adapters = new ArrayList<>();
        try (Model<SequenceHead> model = classifier(ToyModel.BERT.write(encoder))) {
            for (String name : List.of("bitfit", "ln-tuning", "prompt-tuning")) {
                Path folder = scratch.resolve(name + "-" + CLASSIFIER);
                save(model, methods.byName(name), TaskType.SEQ_CLS, folder);
                adapters.add(withoutPlace(Sample.of(folder), encoder).with(CLASSIFIER, ""));
            }
        }
        for (Path folder : folders) {
            adapters.add(withoutPlace(Sample.of(folder), base));
        }
        Sample lora = withoutPlace(Sample.of(scratch.resolve("lora")), base);
        Mutator config = new JsonMutator(List.copyOf(names), Format.contents(adapters, AdapterStore.CONFIG));
        Format.Target loading = loading(base, encoder);
        Sample labels = Sample.of(
                LabelFile.NAME,
                "{\"id2label\":{\"0\":\"O\",\"1\":\"B-PER\"},\"label2id\":{\"O\":0,\"B-PER\":1},"
                        + "\"problem_type\":\"single_label_classification\"}");
        return List.of(
                new Format("adapter-config", adapters, Map.of(AdapterStore.CONFIG, config), loading, CHECKPOINT),
                new Format(
                        "adapter-safetensors",
                        adapters,
                        Map.of(AdapterStore.WEIGHTS, new SafetensorsMutator().or(new BytesMutator(HEADER), 0.1)),
                        loading,
                        CHECKPOINT),
                new Format(
                        "adapter-torch",
                        List.of(lora.without(AdapterStore.WEIGHTS)
                                .with(AdapterStore.PICKLED_WEIGHTS, Formats.resource("adapter.bin"))),
                        Map.of(AdapterStore.PICKLED_WEIGHTS, new TorchMutator().or(new BytesMutator(HEADER), 0.1)),
                        loading,
                        CHECKPOINT),
                new Format(
                        "adapter-labels",
                        List.of(labels),
                        Map.of(
                                LabelFile.NAME,
                                new JsonMutator(
                                        List.of("id2label", "label2id", "problem_type"),
                                        Format.contents(List.of(labels), LabelFile.NAME))),
                        folder -> LoadOptions.on(Device.cpu()).withLabelsOf(folder),
                        CHECKPOINT),
                new Format(
                        "inspect",
                        List.of(lora, Sample.of(base)),
                        Map.of(AdapterStore.CONFIG, config, "config.json", config),
                        FuzzedCommands::inspect,
                        Set.of(FuzzedCommands.Refused.class)));
    }

    /** The path of the base model is another one each time, which the cases must not be. */
    private static Sample withoutPlace(Sample adapter, Path base) {
        String config = new String(adapter.files().get(AdapterStore.CONFIG), StandardCharsets.UTF_8);
        return adapter.without(AdapterStore.CARD).with(AdapterStore.CONFIG, config.replace(base.toString(), "toy"));
    }

    private static Set<String> save(Model<?> model, PeftMethod<?> method, TaskType task, Path folder)
            throws IOException {
        Map<String, Object> settings = new HashMap<>(SETTINGS.getOrDefault(method.peftType(), Map.of()));
        settings.put("task_type", task.name());
        settings.put("base_model_name_or_path", "toy");
        PeftModel<?> peft = PeftModel.attach(model, method.schema().read(settings, "sample"));
        Set<String> names = peft.adapter().config().settings().keySet();
        peft.save(folder);
        peft.unload();
        return names;
    }

    private static Model<SequenceHead> classifier(Path encoder) throws CheckpointException {
        return Models.load(encoder, LoadOptions.on(Device.cpu()).withPrecision(Precision.FLOAT32), SequenceHead.class);
    }

    private static Format.Target loading(Path base, Path encoder) {
        Lazy<Model<?>> language = new Lazy<>(() -> ToyModel.LLAMA.load(base, Precision.FLOAT32));
        Lazy<Model<?>> classifier = new Lazy<>(() -> classifier(encoder));
        return folder -> {
            Model<?> model = (Files.exists(folder.resolve(CLASSIFIER)) ? classifier : language).get();
            PeftModel<?> peft = PeftModel.load(model, folder);
            try (Scope scope = Scope.open(Device.cpu())) {
                model.logits(scope, ModelInput.of(List.of(new int[] {3, 4})));
            } finally {
                peft.unload();
            }
        };
    }
}
