package io.github.peft4j.training.internal;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.Probe;
import io.github.peft4j.training.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What of a model is trained: a new adapter, a saved one, or all of it. */
public sealed interface TrainedPart {

    /** The name of training every weight, which is no method of the registry. */
    String FULL = "full";

    /** The name of solving for a classifier's output layer, which is no method of the registry either. */
    String PROBE = "probe";

    /** A new adapter with these settings. */
    static TrainedPart newAdapter(PeftConfig config) {
        return new NewAdapter(PeftMethods.discovered().byType(config.peftType()), config);
    }

    /**
     * An adapter that was saved, to be trained further.
     *
     * @throws IOException if there is none in the folder, or its config cannot be read
     */
    static TrainedPart savedAdapter(Path folder) throws IOException {
        PeftConfig config =
                AdapterStore.readConfig(UntrustedFolder.file(folder, AdapterStore.CONFIG), PeftMethods.discovered());
        return new SavedAdapter(PeftMethods.discovered().byType(config.peftType()), folder);
    }

    /** Every weight. */
    static TrainedPart wholeModel() {
        return new WholeModel();
    }

    /**
     * A classifier's output layer, solved for on features.
     *
     * @param c how much rows count against small weights
     */
    static TrainedPart outputLayer(double c) {
        return new OutputLayer(c);
    }

    /** The method's name, {@value #FULL} or {@value #PROBE}. */
    String method();

    /** Where to begin when nothing else is known. */
    PeftMethod.Defaults defaults();

    /** The folder of a saved adapter. */
    default Optional<Path> saved() {
        return Optional.empty();
    }

    /**
     * Puts the adapter into a model, trainable.
     *
     * @param seed for the initial values of a new one
     * @return the model with its adapter; nothing if all of the model is trained
     * @throws IllegalArgumentException if the settings do not fit the model
     * @throws UnsupportedOperationException if they ask for something that is not implemented
     * @throws IOException if the saved adapter cannot be read or does not fit
     */
    Optional<PeftModel<?>> attach(Model<?> base, long seed) throws IOException;

    /**
     * What trains a model.
     *
     * @param attached what {@link #attach} returned
     */
    static FineTuner tuner(Model<?> base, Optional<PeftModel<?>> attached, TrainingConfig settings) {
        return attached.map(peft -> FineTuner.of(peft, settings)).orElseGet(() -> FineTuner.full(base, settings));
    }

    /** What is trained by a method of the registry. */
    sealed interface OfMethod extends TrainedPart {

        /** The method. */
        PeftMethod<?> of();

        @Override
        default String method() {
            return of().name();
        }

        @Override
        default PeftMethod.Defaults defaults() {
            return of().defaults();
        }
    }

    /**
     * A new adapter.
     *
     * @param of its method
     */
    record NewAdapter(PeftMethod<?> of, PeftConfig config) implements OfMethod {

        @Override
        public Optional<PeftModel<?>> attach(Model<?> base, long seed) {
            PeftConfig trained =
                    config.withCommon(config.common().withBaseModel(null).withInferenceMode(false));
            return Optional.of(PeftModel.attach(base, trained, AttachContext.of(seed)));
        }
    }

    /**
     * A saved adapter.
     *
     * @param of its method
     */
    record SavedAdapter(PeftMethod<?> of, Path folder) implements OfMethod {

        @Override
        public Optional<Path> saved() {
            return Optional.of(folder);
        }

        @Override
        public Optional<PeftModel<?>> attach(Model<?> base, long seed) throws IOException {
            PeftModel<?> peft = PeftModel.load(base, folder);
            peft.setTrainable(AttachContext.DEFAULT_NAME);
            return Optional.of(peft);
        }
    }

    /**
     * A classifier's output layer.
     *
     * @param c how much rows count against small weights
     */
    record OutputLayer(double c) implements TrainedPart {

        @Override
        public String method() {
            return PROBE;
        }

        /** A probe takes no steps; were its layer to be trained in some, it would be as a whole model's are. */
        @Override
        public PeftMethod.Defaults defaults() {
            return WholeModel.DEFAULTS;
        }

        @Override
        public Optional<PeftModel<?>> attach(Model<?> base, long seed) {
            throw new UnsupportedOperationException(
                    "a probe is solved for without gradients, and takes hardly more memory"
                            + " than the model itself: there is nothing to be trained in steps");
        }

        /** What solves for it. */
        public Probe on(Model<?> base) {
            return Probe.of(base, c);
        }
    }

    /** All of the model. */
    record WholeModel() implements TrainedPart {

        private static final PeftMethod.Defaults DEFAULTS =
                new PeftMethod.Defaults(2e-5, new PeftMethod.Defaults.Trial(200, 1e-3, Map.of()));

        @Override
        public String method() {
            return FULL;
        }

        @Override
        public PeftMethod.Defaults defaults() {
            return DEFAULTS;
        }

        @Override
        public Optional<PeftModel<?>> attach(Model<?> base, long seed) {
            return Optional.empty();
        }
    }
}
