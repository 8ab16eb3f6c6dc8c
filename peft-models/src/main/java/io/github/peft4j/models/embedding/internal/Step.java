package io.github.peft4j.models.embedding.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.ActivationFunction;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** What becomes of the vector of a text behind the pooling. */
public sealed interface Step {

    /** To the length 1. */
    Step NORMALIZE = new Normalize();

    /** {@link #NORMALIZE}. */
    record Normalize() implements Step {}

    /**
     * A linear layer and an activation function.
     *
     * @param folder its files
     * @param in width of what it reads
     * @param out width of what it makes
     * @param bias whether it has one
     * @param function applied to what it makes
     */
    record Dense(Path folder, int in, int out, boolean bias, ActivationFunction function) implements Step {

        private static final Set<String> KEYS = Set.of(
                "in_features",
                "out_features",
                "bias",
                "activation_function",
                "module_input_name",
                "module_output_name",
                "use_residual");

        /** torch's classes, which the config names; those with settings have the default ones. */
        private static final Map<String, ActivationFunction> FUNCTIONS = Map.of(
                "Tanh", ActivationFunction.TANH,
                "Identity", ActivationFunction.LINEAR,
                "ReLU", ActivationFunction.RELU,
                "ReLU6", ActivationFunction.RELU6,
                "LeakyReLU", ActivationFunction.LEAKY_RELU,
                "GELU", ActivationFunction.GELU,
                "SiLU", ActivationFunction.SILU,
                "Mish", ActivationFunction.MISH,
                "Hardswish", ActivationFunction.HARD_SWISH,
                "Sigmoid", ActivationFunction.SIGMOID);

        static Dense read(Path folder) throws CheckpointException {
            return ModuleConfig.read(folder, "config.json", KEYS, json -> {
                ModuleConfig.requireVector(json);
                json.refuse("use_residual");
                return new Dense(
                        folder,
                        json.integer("in_features"),
                        json.integer("out_features"),
                        json.flagOr(true, "bias"),
                        function(json.textOr("torch.nn.modules.activation.Tanh", "activation_function")));
            });
        }

        private static ActivationFunction function(String name) {
            ActivationFunction function = FUNCTIONS.get(name.substring(name.lastIndexOf('.') + 1));
            if (!name.startsWith("torch.nn.") || function == null) {
                throw new IllegalArgumentException("activation_function must be one of torch.nn.modules' "
                        + FUNCTIONS.keySet().stream().sorted().toList() + ", got \"" + name + "\"");
            }
            return function;
        }
    }

    /** Reads the settings of a normalisation, of which there is nothing to choose. */
    static Step normalize(Path folder) throws CheckpointException {
        return ModuleConfig.read(folder, "config.json", Set.of("module_input_name", "module_output_name"), json -> {
            ModuleConfig.requireVector(json);
            return NORMALIZE;
        });
    }
}
