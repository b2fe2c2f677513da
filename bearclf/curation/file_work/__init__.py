"""All that is done to the files of a training folder, and the way back; begin with training_folder."""
