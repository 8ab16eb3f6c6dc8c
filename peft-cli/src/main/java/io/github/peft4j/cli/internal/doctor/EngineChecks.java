package io.github.peft4j.cli.internal.doctor;

import io.github.peft4j.models.kernel.internal.TorchEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The native libraries and what they compute on. */
record EngineChecks(Machine machine, Probed probed) {

    private static final String PATH = "PYTORCH_LIBRARY_PATH";
    private static final String PAGE = "docs/how-to/gpu.md";

    Finding engine() {
        String error = probed.answer("error");
        if (!error.isEmpty()) {
            return Finding.missing("engine", "not loaded: " + error, "add or mend what is named there, then ask again");
        }
        if (probed.failure() != null) {
            return Finding.missing(
                    "engine",
                    "not loaded: " + probed.failure(),
                    machine.variable(PATH) == null
                            ? "the libraries do not run on this processor or system: report it with this line"
                            : PATH + " may lead to another version of PyTorch: unset it and ask again");
        }
        String found = "PyTorch " + probed.answer("version") + " by DJL " + probed.answer("djl") + ", "
                + probed.answer("threads") + " threads, from " + probed.answer("folder");
        return probed.answer("computes").equals("true")
                ? Finding.good("engine", found)
                : Finding.missing("engine", found + ", computes wrong numbers", "report it with this line");
    }

    Finding tokenizers() {
        if (probed.answer("tokenizers").equals("ok")) {
            return Finding.good("tokenizers", "loaded");
        }
        String error = probed.answer("tokenizers-error");
        return Finding.missing(
                "tokenizers",
                error.isEmpty() ? "not tried: the engine ended the process" : error,
                error.isEmpty() ? "mend the engine first" : "without it only rows of token ids can be trained on");
    }

    Finding gpu() {
        List<String> gpus = machine.names("proc/driver/nvidia/gpus");
        String named = machine.variable(PATH);
        String here = gpus.isEmpty() ? "no NVIDIA driver" : describe(gpus);
        if (probed.answer("cuda").equals("true")) {
            return Finding.good("gpu", here + ", PyTorch for CUDA from " + probed.answer("folder"));
        }
        if (named != null) {
            return Finding.poor(
                    "gpu",
                    here + ", not used: PyTorch from " + PATH + "=" + named + " finds none",
                    gpus.isEmpty()
                            ? "install the driver, or in a container pass the GPUs on; " + PAGE
                            : "the driver must be 525 or newer and the PyTorch one for CUDA; " + PAGE);
        }
        if (gpus.isEmpty()) {
            return Finding.good("gpu", "none (" + here + "): everything is computed on the CPU");
        }
        return Finding.poor("gpu", here + ", not used: the PyTorch on the class path is for the CPU", route());
    }

    private String describe(List<String> gpus) {
        String model = machine.value("proc/driver/nvidia/gpus/" + gpus.get(0) + "/information", "Model")
                .orElse("NVIDIA GPU");
        return (gpus.size() == 1 ? "" : gpus.size() + " x ") + model;
    }

    /** The variables to set, with the folder where there is one. */
    private String route() {
        String version = TorchEngine.release();
        String folder = installed(version).map(Path::toString).orElse("SITE-PACKAGES/torch/lib");
        String install = folder.startsWith("SITE") ? "pip install torch==" + version + ", then " : "";
        return install + "export " + PATH + "=" + folder + " PYTORCH_VERSION=" + version + " PYTORCH_FLAVOR=cu128; "
                + PAGE;
    }

    /** The libraries of an environment of Python that is active now. */
    private Optional<Path> installed(String version) {
        for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            String root = machine.variable(variable);
            if (root == null) {
                continue;
            }
            String lib = machine.root()
                    .relativize(machine.root().resolve(root).resolve("lib"))
                    .toString();
            for (String python : machine.names(lib)) {
                Path torch = Path.of(root, "lib", python, "site-packages", "torch");
                String says = lib + "/" + python + "/site-packages/torch/version.py";
                boolean same =
                        machine.lines(says).stream().anyMatch(line -> line.startsWith("__version__ = '" + version));
                if (same && Files.isDirectory(torch.resolve("lib"))) {
                    return Optional.of(torch.resolve("lib"));
                }
            }
        }
        return Optional.empty();
    }
}
