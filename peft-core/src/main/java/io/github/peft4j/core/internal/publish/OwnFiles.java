package io.github.peft4j.core.internal.publish;

import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.models.embedding.internal.ModuleList;
import io.github.peft4j.models.pretrained.internal.LabelFile;
import io.github.peft4j.models.text.internal.folder.TokenizerFiles;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names of files: which belong to an adapter or a checkpoint, and which nobody else should have. */
final class OwnFiles {

    /** Of every kind of folder, beside the tokenizer. */
    private static final Set<String> ALWAYS = Set.of(
            AdapterStore.CARD,
            "tekken.json",
            "tiktoken.model",
            "preprocessor_config.json",
            "processor_config.json",
            ModuleList.FILE,
            "config_sentence_transformers.json",
            "sentence_bert_config.json");

    private static final Pattern LICENCE = Pattern.compile("(?i)(licen[cs]e|notice)([.-][\\w-]+)*(\\.(md|txt))?");

    private static final Pattern TEMPLATE = Pattern.compile("additional_chat_templates/[\\w.-]+\\.jinja");

    /** What sentence-transformers calls the folders of its modules. */
    private static final Pattern MODULE =
            Pattern.compile("\\d+_\\w+/(config\\.json|model\\.safetensors|pytorch_model\\.bin)");

    /** Beside the weights: the config, and what a method needs to go on training. */
    private static final Pattern OF_ADAPTER = Pattern.compile("adapter_config\\.json|\\w+_encoder\\.safetensors");

    private static final Set<String> OF_CHECKPOINT = Set.of("config.json", "generation_config.json");

    private static final Pattern RESUMED = Pattern.compile("checkpoint-\\d+");

    private static final Pattern STATE = Pattern.compile(
            "(optimizer|scheduler|scaler|rng_state\\w*)\\.(pt|pth|bin|safetensors)|trainer_state\\.json|training_args\\.bin|global_step\\d+");

    private static final Pattern REPORT =
            Pattern.compile("(report|search)\\.html|search\\.jsonl|.*\\.log|events\\.out\\.tfevents\\..*");

    private static final Pattern SECRET = Pattern.compile(
            "(?i)(stored_|.*[._-])?tokens?(\\.txt)?|credentials?(\\..*)?|secrets?(\\..*)?|.*\\.(pem|key|p12|pfx|env|netrc|kdbx)|id_(rsa|dsa|ecdsa|ed25519).*|kaggle\\.json");

    private final Set<String> names = new HashSet<>(ALWAYS);
    private final Set<String> adapters;

    /**
     * Names of a folder.
     *
     * @param weights the files that its weights are in
     * @param adapters the folders in it that are adapters, itself being an empty text; none if it is a checkpoint
     */
    OwnFiles(Set<String> weights, Set<String> adapters) {
        this.adapters = adapters;
        names.addAll(TokenizerFiles.NAMES);
        names.addAll(weights);
        if (adapters.isEmpty()) {
            names.addAll(OF_CHECKPOINT);
        } else {
            names.add(LabelFile.NAME);
        }
    }

    /** Whether a file is part of what the folder is. */
    boolean has(String path) {
        int last = path.lastIndexOf('/');
        String folder = path.substring(0, Math.max(0, last));
        String name = path.substring(last + 1);
        return names.contains(path)
                || names.contains(path.replaceFirst("^\\d+_\\w+/", ""))
                || (adapters.contains(folder) && OF_ADAPTER.matcher(name).matches())
                || (last < 0 && LICENCE.matcher(name).matches())
                || TEMPLATE.matcher(path).matches()
                || MODULE.matcher(path).matches();
    }

    /** Why nobody else should have a file or folder of a name, or null if there is no reason. */
    static @Nullable String secret(String name) {
        if (name.startsWith(".")) {
            return "hidden";
        }
        if (RESUMED.matcher(name).matches() || STATE.matcher(name).matches()) {
            return "the state of a training";
        }
        if (REPORT.matcher(name).matches()) {
            return "a report that names files of this computer";
        }
        return SECRET.matcher(name).matches() ? "it may hold a secret" : null;
    }
}
