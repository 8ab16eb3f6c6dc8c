package io.github.peft4j.cli.internal.option;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What other programs for the same work call what is here too, where the letters do not give it away. */
public final class OtherNames {

    private static final Map<String, String> COMMANDS = new LinkedHashMap<>();

    private static final Map<String, String> OPTIONS = new LinkedHashMap<>();

    private static final Map<String, String> METHODS = new LinkedHashMap<>();

    static {
        of(COMMANDS, "train", "fit", "finetune", "fine-tune", "sft");
        of(COMMANDS, "generate", "run", "chat", "infer", "inference", "complete");
        of(COMMANDS, "eval", "test", "validate", "perplexity");
        of(COMMANDS, "merge", "fuse", "merge-and-unload", "export");
        of(COMMANDS, "inspect", "info", "show", "describe", "ls", "list");
        of(COMMANDS, "doctor", "check", "env", "diagnose");
        of(COMMANDS, "search", "sweep", "tune", "hyperparameter-search", "grid", "optuna");
        of(COMMANDS, "quickstart", "demo", "start", "init", "tutorial");

        of(OPTIONS, "--temperature, --top-k or --top-p, each of which draws", "do-sample", "sample");
        of(OPTIONS, "--output", "save-dir", "save-path", "output-dir");
        of(OPTIONS, "--model", "base-model", "model-name-or-path", "checkpoint", "pretrained");
        of(OPTIONS, "--data", "train-file", "dataset", "dataset-name", "train-data", "input");
        of(OPTIONS, "--eval-data", "validation-file", "val-data", "test-data");
        of(OPTIONS, "--method", "peft-type", "peft-method", "finetuning-type");
        of(OPTIONS, "--epochs", "passes");
        of(OPTIONS, "--steps", "iters", "iterations", "max-steps");
        of(OPTIONS, "--max-length", "max-seq-len", "max-seq-length", "cutoff-len", "block-size");
        of(OPTIONS, "--max-new-tokens", "n-predict", "num-tokens");
        of(OPTIONS, "--device", "gpu", "cuda", "cpu", "device-map", "accelerator");
        of(OPTIONS, "--dtype", "fp16", "bf16", "fp32", "half", "torch-dtype", "precision");
        of(OPTIONS, "--quantize", "load-in-4bit", "load-in-8bit", "quantization", "qlora", "bits");
        of(OPTIONS, "--schedule", "lr-scheduler-type", "scheduler");
        of(OPTIONS, "--no-shuffle", "sequential");
        of(OPTIONS, "--checkpointing", "grad-checkpoint");
        of(OPTIONS, "--threads", "num-workers", "cores", "jobs");
        of(OPTIONS, "--save-every", "save-steps");
        of(OPTIONS, "--eval-every", "eval-steps", "steps-per-eval");
        of(OPTIONS, "--best-metric", "metric-for-best-model", "load-best-model-at-end");
        of(OPTIONS, "--early-stopping", "patience", "early-stopping-patience");
        of(OPTIONS, "--keep", "save-total-limit");
        of(OPTIONS, "--resume", "resume-from-checkpoint", "continue");
        of(OPTIONS, "--report", "report-to", "logging-dir");
        of(OPTIONS, "--ignore-eos", "no-eos");
        of(OPTIONS, "--stacktrace", "verbose", "debug", "trace");
        of(OPTIONS, "--system", "system-prompt");
        of(OPTIONS, "--set r=", "r", "rank", "lora-r", "lora-rank");
        of(OPTIONS, "--set lora_alpha=", "alpha", "lora-alpha");
        of(OPTIONS, "--set lora_dropout=", "dropout", "lora-dropout");
        of(OPTIONS, "--set target_modules=", "target-modules", "lora-target", "lora-target-modules", "targets");
        of(OPTIONS, "--set modules_to_save=", "modules-to-save");
        of(OPTIONS, "--set num_virtual_tokens=", "num-virtual-tokens", "pre-seq-len");
        of(OPTIONS, "--set use_dora=true", "use-dora", "dora");
        of(OPTIONS, "--set use_rslora=true", "use-rslora", "rslora");

        of(METHODS, "lora with --quantize nf4", "qlora");
        of(METHODS, "lora with --set use_dora=true", "dora");
        of(METHODS, "lora with --set use_rslora=true", "rslora");
        of(METHODS, "lora with --set init_lora_weights=pissa", "pissa");
        of(METHODS, "lora with --set init_lora_weights=olora", "olora");
        of(METHODS, "prompt-tuning", "soft-prompt");
        of(METHODS, "bottleneck", "adapter", "houlsby", "pfeiffer");
        of(METHODS, "probe", "linear-probe", "linear-probing", "logistic-regression", "features");
        of(METHODS, "full", "none", "sft", "full-fine-tuning");
    }

    private OtherNames() {}

    private static void of(Map<String, String> names, String ours, String... others) {
        for (String other : others) {
            names.put(other, ours);
        }
    }

    /** Our name of a command, or null. */
    public static @Nullable String command(String name) {
        return COMMANDS.get(plain(name));
    }

    /**
     * Our name of an option, or null.
     *
     * @param known the options that the command has
     */
    public static @Nullable String option(String name, Collection<String> known) {
        String ours = OPTIONS.get(plain(name));
        return ours == null || !known.contains(ours.split("[ ,]", 2)[0]) ? null : ours;
    }

    /** Our name of a method, or null. */
    public static @Nullable String method(String name) {
        return METHODS.get(plain(name));
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-').replaceFirst("^-+", "");
    }
}
