package io.github.peft4j.cli.internal.doctor;

import ai.djl.util.Utils;
import java.nio.file.Path;
import java.util.function.Consumer;

/** All checks in order. */
public final class Examination {

    private Examination() {}

    /**
     * Looks at everything, and tells each finding when it is there.
     *
     * @param machine what is looked at
     * @param hubCache where Hugging Face's tools keep what they download
     * @return whether all that training on the CPU needs is there
     */
    public static boolean run(Machine machine, Path hubCache, Consumer<Finding> told) {
        boolean[] fit = {true};
        Consumer<Finding> tell = finding -> {
            fit[0] &= finding.ok() || !finding.needed();
            told.accept(finding);
        };
        ComputerChecks computer = new ComputerChecks(machine);
        tell.accept(computer.java());
        tell.accept(computer.processor());
        tell.accept(computer.threads());
        tell.accept(computer.memory());
        tell.accept(StorageChecks.engineCache(Utils.getEngineCacheDir("pytorch").toAbsolutePath()));
        tell.accept(StorageChecks.temporaryFiles());
        tell.accept(StorageChecks.fileNames());
        EngineChecks engine = new EngineChecks(machine, Probed.start());
        tell.accept(engine.engine());
        tell.accept(engine.tokenizers());
        tell.accept(engine.gpu());
        tell.accept(StorageChecks.hubCache(hubCache));
        return fit[0];
    }
}
