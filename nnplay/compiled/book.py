"""Names for the places of the table that a kernel gets: one array instead of thirty.

Handing an array to a kernel costs about as much as a small training step takes. So the engine
writes all counts and addresses into one ``int64`` array, the *book*, once; the arrays behind the
addresses are kept alive by the engine. A *place* is an offset in numbers, counted from the
beginning of a buffer of tiles.
"""

from __future__ import annotations

LANES = 16
"""Most samples in a tile; tiles may be narrower by whole quarters."""

# Counts and codes.
STAGES = 0  # stages but the inputs
ROWS = 1  # plan rows
SIZE = 2  # parameters in the engine's own order
COLUMNS = 3  # of the inputs, ones included
OUTPUTS = 4
LOSS = 5
OPTIMIZER = 6
BATCH = 7  # samples per step
ENDS = 8  # whether no output feeds another neuron
ARRAYS = 9  # of the optimiser
MASKED = 10  # whether some parameter must not move
DEAD_LINKS = 11  # whether the playground's L1 is in use
MASK_STRIDE = 12  # distance of the rows of dropout multipliers
WIDTH_OF_TILES = 13  # samples in a tile: 4, 8, 12 or 16
# Addresses of tables of whole numbers.
STAGE_TABLE = 16  # [stages, STAGE_WIDTH]
RUN_TABLE = 17  # [runs, 3]: code, first row, rows
MASK_ROWS = 18  # plan rows of dropout
OUTPUT_ROWS = 19  # [outputs]: plan row of each output, -1 where it takes no part in the loss
STAGE_OUTPUTS = 20  # outputs by stage
PLACES = 21  # [size]: place of the source of each parameter
ROW_BEGIN = 22  # [rows]: first parameter of each neuron (its bias)
ROW_INNER = 23  # [rows]: its first parameter whose source is no input
ROW_END = 24  # [rows]: behind its last parameter
SLOTS = 25  # [size]: position of each parameter in the trainer's vectors
DEAD = 26  # [size]: 1 for dead links
# Addresses of numbers.
SETTINGS = 32
Z, A, F, D = 33, 34, 35, 36  # [rows, width of tiles]
E = 37  # [outputs, width of tiles]: the loss's derivatives by z
LANE_TABLE = 38  # [LANE_ROWS, LANES]
P, G = 39, 40  # [size]: parameters and their gradient
MOVABLE, IS_WEIGHT = 41, 42  # [size]: 1 or 0
MEMORY = 44  # and behind: the optimiser's arrays, [size]
# The trainer's arrays.
PARAMETERS = 48
ARRAY = 49  # and behind: the optimiser's arrays
RATES, LOSSES = 14, 15  # addresses, [steps]
# The parts: four entries each.
TRAIN, TRAIN_IN_ORDER, TEST = 52, 56, 60
INPUTS, TARGETS, WEIGHTS, SAMPLES = 0, 1, 2, 3
LENGTH = 64

# Columns of the stage table.
START, STOP, DENSE, OFFSET, WIDTH, SOURCE, INNER = 0, 1, 2, 3, 4, 5, 6
FIRST_RUN, LAST_RUN, FIRST_MASK, LAST_MASK, FIRST_OUTPUT, LAST_OUTPUT = 7, 8, 9, 10, 11, 12
STAGE_WIDTH = 13

# Rows of the lane table.
LANE_WEIGHT, LANE_LOSS, LANE_TARGET, LANE_LARGEST, LANE_TOTAL, LANE_SUM = 0, 1, 2, 3, 4, 5
LANE_ROWS = 6

# Places in the settings.
L1, L2, CLIP_VALUE, CLIP_NORM, MAX_NORM, HUBER_DELTA = 0, 1, 2, 3, 4, 5
MOMENTUM, DAMPENING, BETA1, BETA2, EPSILON, RMS_DECAY, WEIGHT_DECAY = 6, 7, 8, 9, 10, 11, 12
PER_WEIGHT, TOTAL, TOTAL_WEIGHT = 13, 14, 15
SETTINGS_LENGTH = 16
